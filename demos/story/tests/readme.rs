//! README.md, typed by hand: each command of its console blocks is run, in order, and answers what the page says.

use std::{collections::HashMap, process::Command};

use anyhow::{Context, Result, bail, ensure};
use stage::{Demo, Instance, Persistence, Redis, Stage, root};
use story::stay::{self, Standing};

/// The reader's terminals: what runs in them, and on which port instead of the one on the page.
struct Terminals {
    stage: Stage,
    redis: Redis,
    servers: HashMap<(Demo, String), Instance>,
    standing: Option<Standing>,
    ports: HashMap<String, u16>,
}

impl Terminals {
    /// Does what `command` says and returns what it prints.
    async fn run(&mut self, command: &str) -> Result<String> {
        let (settings, program) = split_settings(command);
        if let Some(name) = program.strip_prefix("cargo run -p demo-") {
            let port = settings.get("APP_PORT").map_or("5000", |port| port);
            self.serve(demo(name)?, port).await?;
            Ok(String::new())
        } else if program == "scripts/demo.sh" {
            let demo = demo(settings.get("DEMO").map_or("file", |name| name))?;
            let standing = stay::stand(&self.stage, None, demo).await?;
            self.ports.insert("5000".to_owned(), standing.front().address().port());
            self.standing = Some(standing);
            Ok(String::new())
        } else if program.starts_with("curl ") {
            self.curl(command)
        } else {
            bail!("the page has a command that nothing runs: {command}")
        }
    }

    /// Starts a server, or, where the reader has it running, ends it with Ctrl-C and starts it again.
    async fn serve(&mut self, demo: Demo, port: &str) -> Result<()> {
        let place = (demo, port.to_owned());
        if let Some(instance) = self.servers.get_mut(&place) {
            return instance.restart().await;
        }
        let name = format!("{}-on-{port}", demo.name());
        let mut instance = Instance::new(&self.stage, demo, &name, &[("REDIS_URL", &self.redis.url())])?;
        instance.start().await?;
        self.ports.insert(port.to_owned(), instance.address().port());
        self.servers.insert(place, instance);
        Ok(())
    }

    fn curl(&self, command: &str) -> Result<String> {
        let mut command = command.replace("/tmp/", &format!("{}/", self.stage.path().display())).replacen("curl ", "curl -sS ", 1);
        for (shown, port) in &self.ports {
            command = command.replace(&format!("localhost:{shown}"), &format!("127.0.0.1:{port}"));
        }
        let output = Command::new("bash").args(["-c", &command]).output().context("cannot start bash")?;
        ensure!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
        Ok(String::from_utf8(output.stdout)?)
    }
}

fn demo(name: &str) -> Result<Demo> {
    Demo::ALL.into_iter().find(|demo| demo.name() == name).with_context(|| format!("there is no demo {name}"))
}

/// Splits `A=b C=d program …` into its variables and the rest.
fn split_settings(command: &str) -> (HashMap<&str, &str>, &str) {
    let mut settings = HashMap::new();
    let mut rest = command;
    while let Some((word, after)) = rest.split_once(' ')
        && let Some((name, value)) = word.split_once('=')
    {
        settings.insert(name, value);
        rest = after;
    }
    (settings, rest)
}

/// The commands of the console blocks of `page`, each with the answer that the page shows.
fn commands(page: &str) -> Vec<(String, String)> {
    let mut commands: Vec<(String, String)> = Vec::new();
    for block in page.split("```console\n").skip(1) {
        let block = block.split("```").next().unwrap_or_default();
        for line in block.lines() {
            match (line.strip_prefix("$ "), commands.last_mut()) {
                (Some(command), _) => commands.push((command.to_owned(), String::new())),
                (None, Some((_, answer))) => answer.extend([line, "\n"]),
                (None, None) => panic!("an answer without a command: {line}"),
            }
        }
    }
    commands
}

#[actix_rt::test]
async fn the_commands_of_the_readme_answer_what_it_says() -> Result<()> {
    let page = std::fs::read_to_string(root().join("README.md"))?;
    let stage = Stage::new()?;
    let redis = Redis::start(&stage, Persistence::None).await?;
    let mut terminals = Terminals { stage, redis, servers: HashMap::new(), standing: None, ports: HashMap::new() };
    let commands = commands(&page);
    assert!(commands.len() > 20, "the page has lost its commands");
    for (command, expected) in commands {
        let answer = terminals.run(&command).await?;
        assert_eq!(answer, expected, "{command}");
    }
    Ok(())
}
