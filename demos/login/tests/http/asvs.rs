//! Checks that ASVS.md names tests that exist and run.

use std::{fs, path::Path};

use anyhow::{Context, Result, ensure};

const ITEMS: [&str; 18] = [
    "2.4.1", "7.2.1", "7.2.2", "7.2.4", "7.3.1", "7.3.2", "7.4.1", "7.4.5", "7.5.2", "3.3.1",
    "3.3.2", "3.3.4", "3.5.1", "14.3.1", "14.3.2", "16.2.5", "16.5.1", "16.5.3",
];

#[test]
fn every_item_has_tests_and_every_test_exists() -> Result<()> {
    let home = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(home.join("ASVS.md"))?;
    let rows = page.lines().filter(|line| line.contains(".rs)"));
    let mut items = Vec::new();
    for row in rows {
        let cells: Vec<_> = row.trim_matches('|').split('|').map(str::trim).collect();
        let [item, _requirement, tests] = cells[..] else {
            panic!("three cells: {row}")
        };
        items.push(item);
        for test in tests.split(", ") {
            let link = test.strip_prefix("[`").and_then(|it| it.strip_suffix(')'));
            let (name, file) = link
                .and_then(|it| it.split_once("`]("))
                .with_context(|| row.to_owned())?;
            check(home, name, file).with_context(|| format!("{item}: {test}"))?;
        }
    }
    assert_eq!(items, ITEMS);
    Ok(())
}

/// Checks that `file` has the test `name`, and that it runs.
fn check(home: &Path, name: &str, file: &str) -> Result<()> {
    let (module, function) = name.split_once("::").context("no module")?;
    let attributes = match module {
        // A scene of the story, which its own tests run.
        "scene" => "\npub(crate) ",
        "chromium" => "#[actix_web::test]\n#[ignore = \"scripts/verify.sh --browser runs it\"]\n",
        _ => {
            let modules = fs::read_to_string(home.join("tests/http/main.rs"))?;
            ensure!(file == format!("tests/http/{module}.rs"), "another file");
            ensure!(modules.contains(&format!("\nmod {module};")), "no module");
            "#[actix_web::test]\n"
        }
    };
    let source = fs::read_to_string(home.join(file))?;
    let declaration = format!("{attributes}async fn {function}(");
    ensure!(source.contains(&declaration), "no such test, or ignored");
    Ok(())
}
