"""The nouns, their Arrow schemas, ids and errors: everything else imports this room and it imports none."""
