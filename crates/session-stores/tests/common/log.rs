//! Log lines of this test binary.

use std::sync::Mutex;

static LINES: Mutex<Vec<String>> = Mutex::new(Vec::new());

struct Keep;

impl log::Log for Keep {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        let line = format!("{}: {}", record.level(), record.args());
        LINES.lock().unwrap().push(line);
    }

    fn flush(&self) {}
}

/// Records log lines from now on.
pub(crate) fn keep() {
    // Another case may have done it already.
    let _ = log::set_logger(&Keep);
    log::set_max_level(log::LevelFilter::Info);
}

/// Returns the lines with the first 8 characters of `id`, by which logs name a session.
pub(crate) fn lines_about(id: &str) -> Vec<String> {
    let lines = LINES.lock().unwrap();
    let about = lines.iter().filter(|line| line.contains(&id[..8]));
    about.cloned().collect()
}
