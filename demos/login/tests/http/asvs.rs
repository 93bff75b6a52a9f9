//! ASVS.md tells the truth about the tests.

use std::{fs, path::Path};

use anyhow::{Context, Result};

const ITEMS: [&str; 17] = [
    "7.2.1", "7.2.2", "7.2.4", "7.3.1", "7.3.2", "7.4.1", "7.4.5", "7.5.2", "3.3.1", "3.3.2",
    "3.3.4", "3.5.1", "14.3.1", "14.3.2", "16.2.5", "16.5.1", "16.5.3",
];

#[test]
fn every_item_has_tests_and_every_test_exists() -> Result<()> {
    let home = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(home.join("ASVS.md"))?;
    let rows: Vec<Vec<&str>> = page
        .lines()
        .filter(|line| line.starts_with('|') && line.contains("](tests/"))
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
        .collect();
    assert_eq!(rows.iter().map(|row| row[0]).collect::<Vec<_>>(), ITEMS);

    let modules = fs::read_to_string(home.join("tests/http/main.rs"))?;
    for row in &rows {
        let [item, asks, tests] = row[..] else {
            panic!("three cells: {row:?}")
        };
        assert!(asks.ends_with('.') && asks.len() > 20, "{item}: {asks:?}");
        for test in tests.split(", ") {
            let (name, file) = test
                .strip_prefix("[`")
                .and_then(|rest| rest.split_once("`]("))
                .with_context(|| test.to_owned())?;
            let file = file.strip_suffix(')').context("no file")?;
            let (module, function) = name.split_once("::").with_context(|| name.to_owned())?;
            let source = fs::read_to_string(home.join(file)).with_context(|| file.to_owned())?;
            // Those in a real browser are run where they are asked for. Of the others, none is left out.
            let ignored = if file == "tests/browser.rs" {
                assert_eq!(module, "chromium", "{item}");
                "#[ignore = \"scripts/verify.sh --browser runs it\"]\n"
            } else {
                assert_eq!(file, format!("tests/http/{module}.rs"), "{item}");
                assert!(
                    modules.contains(&format!("\nmod {module};")),
                    "{item}: {module} is no part of the tests"
                );
                ""
            };
            let test = format!("#[actix_web::test]\n{ignored}async fn {function}() ");
            assert!(
                source.contains(&test),
                "{item}: there is no test {name}, or it is not run"
            );
        }
    }
    Ok(())
}
