//! The report and the documents' pictures in a real Chromium, opened from disk.
//!
//! Ignored by default, because Chromium is large and the workshop does not need it.

use std::{fs, process::Command};

use anyhow::{Result, ensure};
use testkit::{Browser, TestEnv, root};

#[actix_rt::test]
#[ignore = "scripts/verify.sh --browser runs it"]
async fn report_opens_from_disk_and_is_accessible() -> Result<()> {
    let env = TestEnv::new()?;
    let folder = env.folder("report")?;
    let file = folder.join("story.html");
    let output = Command::new(env!("CARGO_BIN_EXE_story"))
        .args([
            "--json", "--act", "1", "--scene", "cookie", "--scene", "matrix", "--html",
        ])
        .arg(&file)
        .output()?;
    ensure!(output.status.success(), "{output:?}");
    let browser = Browser::start(&env).await?;
    browser.open(&format!("file://{}", file.display())).await?;

    let links = "document.querySelectorAll('.matrix a').length";
    assert_eq!(browser.eval(links).await?, "48");
    let unresolved = "[...document.querySelectorAll('a')].map(a => a.getAttribute('href')) \
        .filter(href => !document.querySelector(href)).join()";
    assert_eq!(browser.eval(unresolved).await?, "");
    let unnamed = "[...document.querySelectorAll('svg[role=img]')].filter(svg => \
        svg.getAttribute('aria-labelledby').split(' ').some(id => !document.getElementById(id))).length";
    assert_eq!(browser.eval(unnamed).await?, "0");

    browser.check_accessibility().await
}

#[actix_rt::test]
#[ignore = "scripts/verify.sh --browser runs it"]
async fn pictures_of_the_documents_are_drawn() -> Result<()> {
    let env = TestEnv::new()?;
    let browser = Browser::start(&env).await?;
    for entry in fs::read_dir(root().join("docs/pictures"))? {
        let path = entry?.path();
        browser.open(&format!("file://{}", path.display())).await?;
        // Text beyond the edges would be cut off.
        let outside = "[...document.querySelectorAll('text')].filter(text => { \
            const box = text.getBBox(), paper = document.documentElement.viewBox.baseVal; \
            return box.x < 0 || box.x + box.width > paper.width || box.y + box.height > paper.height \
        }).map(text => text.textContent).join()";
        assert_eq!(browser.eval(outside).await?, "", "{}", path.display());
        let dots = browser
            .eval("document.querySelectorAll('.dot').length")
            .await?;
        ensure!(
            dots.parse::<u32>()? > 3,
            "{dots} dots in {}",
            path.display()
        );
    }
    Ok(())
}
