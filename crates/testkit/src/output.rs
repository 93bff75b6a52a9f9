//! Output that another program may stop to read, as in `report | head`.

use std::{
    fmt,
    io::{self, ErrorKind, Write},
};

use anyhow::Error;

/// Writes to `W`. If the reader of a pipe has ended, the error is one that [`is_closed_output`] recognizes.
pub struct Output<W>(pub W);

impl<W: Write> Write for Output<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes).map_err(marked)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush().map_err(marked)
    }
}

/// Returns whether `error` means that nothing reads the program's output any more. Then the program should end without
/// a message. The broken connection of another pipe or socket is not such an error.
pub fn is_closed_output(error: &Error) -> bool {
    error.chain().any(|cause| {
        let mark = cause.downcast_ref().and_then(io::Error::get_ref);
        mark.is_some_and(|mark| mark.downcast_ref::<Closed>().is_some())
    })
}

/// Writes a line to standard error. Ignores errors, unlike `eprintln`, which panics if nothing reads the line.
pub fn note(line: impl fmt::Display) {
    let _ = writeln!(io::stderr(), "{line}");
}

#[derive(Debug)]
struct Closed;

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("nothing reads the output any more")
    }
}

impl std::error::Error for Closed {}

fn marked(error: io::Error) -> io::Error {
    match error.kind() {
        ErrorKind::BrokenPipe => io::Error::new(ErrorKind::BrokenPipe, Closed),
        _ => error,
    }
}
