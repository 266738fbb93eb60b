"""The socket of an open page, which serves the threads that the page shows.

Addresses
    ``/ws/c/CODE/`` is the socket of a page that shows the conversation with that code. ``/ws/`` is
    for a page of several threads, which its hello names.

Commands, JSON from the browser. Anything else is ignored.
    ``{"type": "hello", "head": CODE, "title": TEXT, "cursors": {RUN: CURSOR}}``
        What the page has of the conversation in the address: the code of its last message, or "",
        the title, and for each run that it shows as live the cursor of the last frame, or "". Without a title
        the page is taken to have the current one.
    ``{"type": "hello", "threads": [{"code": CODE, "head": CODE, "title": TEXT, "cursors": {RUN: CURSOR}}]}``
        The same for up to nine conversations, each with a code of its own. Only the threads in the
        list are served. The first hello counts; a page with other threads opens another socket.
    ``{"type": "ack", "n": NUMBER}``
        The page has applied the frame with that number and all frames before it.
    ``{"type": "writing", "thread": CODE, "is": BOOL}``
        The reader types in the composer of that thread, or has sent or emptied it. A page says so every few
        seconds at most. It counts only for those who may write there.
    ``{"type": "ping"}``
        Asks for ``{"type": "pong"}``, at any time. A proxy may accept a socket and pass nothing on, which
        looks like a conversation in which nothing happens.

Frames, JSON to the browser, numbered from 1 across all threads of a socket.
    ``{"n": NUMBER, "ack": BOOL, "thread": CODE, "html": HTML, "head": CODE, "cursors": {RUN: CURSOR}}``
        ``html`` holds out-of-band swaps for the conversation ``thread``. ``head`` and ``cursors`` are what
        the page has of that thread once it has applied them, and belong into its next hello. A frame
        with several messages has at most 1 MiB of HTML; the page loads what is above them.

Acknowledgement
    Frames with ``ack`` ask for one. At most 1 MiB or eight frames are on their way without it; then
    the writer waits, and the next frame holds all that has come meanwhile. A browser that acknowledges
    nothing for 30 seconds is dropped.

Polling
    Where sockets are blocked, a page asks ``/c/CODE/frames/?state=STATE`` every few seconds. ``STATE`` is a
    hello of that conversation without its type. The answer holds frames without ``n`` and ``ack``.
    :mod:`chat.sockets.polling` makes them.

Limits
    A browser sends one hello for each socket, a ping when nothing comes, and acknowledges frames that ask for
    it. Pings, all other commands, and each new socket count against an allowance that all sockets of a person
    share. Frames and bytes of each connection have limits, and while some commands are unprocessed nothing
    more is read from the network. :mod:`chat.live.inbound` has the figures.

Access
    The conversation in the address is checked on arrival, threads of a hello before the first frame. All
    are checked again after news of the reader's rights, and now and then. On arrival, one refusal closes the
    socket. Later, a thread that is gone is no longer served, and the socket closes with the last one.
    A page that says what its reader may do (``access`` beside ``title``) gets a frame when that changes.
    So do one that says which system prompt it shows (``system``), and one that says which version of the
    queued prompts (``queue``) or how many unread notices its bell counts (``unread``).

Presence
    A thread whose hello says which people it shows (``present``) is told who else has it open and who is
    writing there, and the others are told of its reader. Nothing of it is stored. Pages that poll are not
    counted: see :mod:`chat.live.presence`.

Close codes
    4401 signed out, 4403 no access (or no such conversation), and for those who could read it 4404 deleted
    a moment ago and 4410 its workspace was deleted, are final. After 4408 too slow, 4500
    failed, 1012 the server restarts, and every other cut, the page comes back. After 4429 too many commands
    it says so, and waits before it does.
"""
