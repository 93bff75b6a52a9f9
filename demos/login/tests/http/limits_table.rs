//! Checks that the table of limits in docs/operation.md has the settings and defaults of the programs.

use std::{fs, process::Command};

use anyhow::{Context, Result};
use testkit::{binary, root};

#[test]
fn each_limit_is_a_setting_with_the_default_of_the_table() -> Result<()> {
    let page = fs::read_to_string(root().join("docs/operation.md"))?;
    let haproxy = fs::read_to_string(root().join("haproxy/haproxy.cfg"))?;
    let help = Command::new(binary("demo-login")?).arg("--help").output()?;
    let help = String::from_utf8(help.stdout)?;
    let help = help.split_whitespace().collect::<Vec<_>>().join(" ");

    let (_, table) = page
        .split_once("| limit | setting | default |")
        .context("no table")?;
    let rows: Vec<_> = table
        .lines()
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .collect();
    assert!(rows.len() > 9, "{rows:?}");
    for row in rows {
        let cells: Vec<_> = row.split('|').map(str::trim).collect();
        let [_, _limit, setting, default, _refusal, _] = cells[..] else {
            panic!("four cells: {row}")
        };
        let (name, place) = setting
            .strip_prefix('`')
            .and_then(|rest| rest.split_once('`'))
            .context(row.to_owned())?;
        let by_server = format!("[env: {name}=] [default: {default}]");
        let by_haproxy = format!("${{{name}-{default}}}");
        let in_config = format!("{name} {}\n", default.trim_end_matches(" bytes"));
        let (server, balancer) = (place.contains("server"), place.contains("HAProxy"));
        if server || place.contains("demo-login") {
            assert!(help.contains(&by_server), "no {by_server} in {help}");
        }
        if balancer {
            assert!(haproxy.contains(&by_haproxy), "no {by_haproxy}");
        }
        if place.contains("haproxy.cfg") {
            assert!(haproxy.contains(&in_config), "no {in_config}");
        }
    }
    Ok(())
}
