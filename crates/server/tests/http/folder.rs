//! Where demo-file keeps its sessions when nobody says where.

use std::{fs, os::unix::fs::PermissionsExt};

use anyhow::{Context, Result};
use testkit::{Demo, Instance, TestEnv, Visitor};

use crate::common::run;

#[actix_web::test]
async fn every_port_has_a_private_folder_that_a_restart_finds_again() -> Result<()> {
    let env = TestEnv::new()?;
    let cache = env.folder("cache")?;
    let settings = [
        ("SESSION_DIR", ""),
        ("XDG_CACHE_HOME", cache.to_str().context("not UTF-8")?),
    ];
    let mut one = Instance::new(&env, Demo::File, "file-1", &settings)?;
    let mut two = Instance::new(&env, Demo::File, "file-2", &settings)?;
    one.start().await?;
    two.start().await?;

    for server in [&one, &two] {
        let folder = cache.join(format!("session-workshop/file-{}", server.address().port()));
        assert_eq!(
            fs::metadata(&folder)?.permissions().mode() & 0o777,
            0o700,
            "{}",
            folder.display()
        );
        let named = format!("sessions in {}", folder.display());
        assert!(
            server.log().contains(&named),
            "not said at the start: {named}\n{}",
            server.log()
        );
    }
    let mut visitor = Visitor::new();
    visitor.get(&one.endpoint(), "/").await?;
    assert_eq!(
        visitor.get(&two.endpoint(), "/").await?.count(),
        Some(0),
        "two terminals have two stores"
    );
    one.restart().await?;
    assert_eq!(visitor.get(&one.endpoint(), "/").await?.count(), Some(1));
    Ok(())
}

#[actix_web::test]
async fn a_named_folder_is_shared_by_those_who_name_it() -> Result<()> {
    let env = TestEnv::new()?;
    let shared = env.folder("shared")?;
    let settings = [("SESSION_DIR", shared.to_str().context("not UTF-8")?)];
    let mut one = Instance::new(&env, Demo::File, "file-1", &settings)?;
    let mut two = Instance::new(&env, Demo::File, "file-2", &settings)?;
    one.start().await?;
    two.start().await?;
    let mut visitor = Visitor::new();
    visitor.get(&one.endpoint(), "/").await?;
    assert_eq!(visitor.get(&two.endpoint(), "/").await?.count(), Some(1));
    Ok(())
}

#[actix_web::test]
async fn a_folder_that_can_not_be_used_is_named_with_the_way_out() -> Result<()> {
    let env = TestEnv::new()?;
    let file = env.folder("taken")?.join("a-file");
    fs::write(&file, "")?;
    let below = file.join("sessions");
    let refused = run(
        &env,
        Demo::File,
        &["--port", "0"],
        &[("SESSION_DIR", below.to_str().context("not UTF-8")?)],
    )
    .await?;
    assert_eq!(refused.code, Some(1));
    let expected = format!(
        "session directory {}: not a directory; name another with --session-dir or SESSION_DIR",
        below.display()
    );
    assert!(refused.output.contains(&expected), "{}", refused.output);

    // A home where nothing can be made, not even by root.
    let homeless = run(
        &env,
        Demo::File,
        &["--port", "0"],
        &[("XDG_CACHE_HOME", ""), ("HOME", "/proc/none")],
    )
    .await?;
    assert_eq!(homeless.code, Some(1), "{}", homeless.output);
    assert!(
        homeless.output.contains("--session-dir or SESSION_DIR"),
        "{}",
        homeless.output
    );
    Ok(())
}
