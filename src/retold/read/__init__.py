"""Reading: from files, archives and data sets to records with natural keys.

`pin` says which parts a source has, `read` gives the records of one part; `Source` is how a recipe names a source.
"""

from retold.read.pin import pin
from retold.read.raw import HTML, File, Raw
from retold.read.reader import licence_of, read
from retold.read.reasons import REASONS
from retold.read.settings import Source

__all__ = ["HTML", "REASONS", "File", "Raw", "Source", "licence_of", "pin", "read"]
