//! The limit of open files, of which each connection takes one.

use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// The number of files to ask for. The project's HAProxy asks for as many.
const WANTED: u64 = 8192;

/// Raises the limit of this process as far as the system allows. Many systems start with 1024 or 256, and a process may
/// raise that to its hard limit.
pub(crate) fn raise_open_file_limit() {
    let raised = getrlimit(Resource::RLIMIT_NOFILE).and_then(|(soft, hard)| {
        let limit = WANTED.min(hard);
        if soft >= limit {
            return Ok(soft);
        }
        setrlimit(Resource::RLIMIT_NOFILE, limit, hard).map(|()| limit)
    });
    match raised {
        Ok(limit) if limit < WANTED => {
            log::warn!(
                "this process may open {limit} files; with more connections than that, visitors wait (see ulimit -Hn)"
            );
        }
        Ok(_) => {}
        Err(error) => log::warn!("cannot raise the limit of open files: {error}"),
    }
}
