//! Checks that ASVS.md names tests that exist and run.

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
        .filter(|line| line.starts_with("| ") && line.contains(".rs)"))
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
        .collect();
    assert_eq!(rows.iter().map(|row| row[0]).collect::<Vec<_>>(), ITEMS);

    let modules = fs::read_to_string(home.join("tests/http/main.rs"))?;
    for row in &rows {
        let [item, requirement, tests] = row[..] else {
            panic!("three cells: {row:?}")
        };
        assert!(
            requirement.ends_with('.') && requirement.len() > 20,
            "{item}: {requirement:?}"
        );
        for test in tests.split(", ") {
            let (name, file) = test
                .strip_prefix("[`")
                .and_then(|rest| rest.strip_suffix(')')?.split_once("`]("))
                .with_context(|| test.to_owned())?;
            let (module, function) = name.split_once("::").with_context(|| name.to_owned())?;
            let source = fs::read_to_string(home.join(file)).with_context(|| file.to_owned())?;
            let function = format!("async fn {function}(");
            let declaration = match module {
                // A scene of the story, which its own tests run.
                "scene" => format!("\npub(super) {function}"),
                "chromium" => format!(
                    "#[actix_web::test]\n#[ignore = \"scripts/verify.sh --browser runs it\"]\n{function}"
                ),
                _ => {
                    assert_eq!(file, format!("tests/http/{module}.rs"), "{item}");
                    assert!(
                        modules.contains(&format!("\nmod {module};")),
                        "{item}: {module}"
                    );
                    format!("#[actix_web::test]\n{function}")
                }
            };
            assert!(
                source.contains(&declaration),
                "{item}: there is no test {name}, or it is ignored"
            );
        }
    }
    Ok(())
}
