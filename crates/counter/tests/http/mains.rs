//! The exercises say "change one line". So the demos differ only in the line that names their store.

use std::fs;

use anyhow::Result;
use testkit::{Demo, root};

#[test]
fn the_mains_differ_in_the_line_that_names_the_store() -> Result<()> {
    let mut mains = Vec::new();
    for store in Demo::STORES.map(Demo::name).into_iter().chain(["cookie"]) {
        let main = fs::read_to_string(root().join("demos").join(store).join("src/main.rs"))?;
        let line = format!("use server::stores::{store} as store;\n");
        assert_eq!(main.matches(&line).count(), 1, "{main}");
        assert!(main.lines().count() <= 30, "demo-{store} is too long");
        mains.push(main.replace(&line, ""));
    }
    assert!(mains.iter().all(|main| *main == mains[0]));
    Ok(())
}
