"""What came out, for a person: the story of a run as plain data, as one page to send, and side by side in a terminal.

    gather.gather(view, store)        -> Story             counts and a few samples, read from the store
    page.write_page(story, path)                           one HTML file that works offline
    show.story_lines(story, console)                       the summary at the end of a run
    show.show(view, store, prefix, console)                one source and its retellings, side by side
    show.show_dropped(view, reason, console, limit)        what was dropped for a reason

Everything here only reads. Texts of the store are untrusted: they are escaped in pages and stripped of control
characters in terminals.
"""
