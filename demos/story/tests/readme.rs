//! README.md, typed by hand: each command of its console blocks is run, in order, and answers what the page says.

use std::{collections::HashMap, mem, process::Command};

use anyhow::{Context, Result, bail, ensure};
use stage::{Instance, Persistence, Redis, Stage, root};
use story::stay::{self, Standing};

/// What runs in the reader's terminals, by its port on the page.
struct Terminals {
    stage: Stage,
    redis: Redis,
    running: HashMap<String, Running>,
}

enum Running {
    Server(Instance),
    Story(Standing),
}

impl Terminals {
    /// Does what `command` says and returns what it prints.
    async fn run(&mut self, command: &str) -> Result<String> {
        let (settings, program) = split_settings(command);
        let port = *settings.get("APP_PORT").unwrap_or(&"5000");
        let running = if let Some(name) = program.strip_prefix("cargo run -p demo-") {
            let settings = [("REDIS_URL", self.redis.url())];
            let settings = settings.each_ref().map(|(name, value)| (*name, value.as_str()));
            let mut instance = Instance::new(&self.stage, name.parse()?, &format!("{name}-on-{port}"), &settings)?;
            instance.start().await?;
            Running::Server(instance)
        } else if program == "scripts/demo.sh" {
            let demo = settings.get("DEMO").unwrap_or(&"file").parse()?;
            Running::Story(stay::stand(&self.stage, None, demo).await?)
        } else if program.starts_with("curl ") {
            return self.curl(command);
        } else {
            bail!("the page has a command that nothing runs: {command}")
        };
        let before = self.running.insert(port.to_owned(), running);
        ensure!(before.is_none(), "port {port} is in use, and the page doesn't say Ctrl-C: {command}");
        Ok(String::new())
    }

    fn curl(&self, command: &str) -> Result<String> {
        let mut command = command.replace("/tmp/", &format!("{}/", self.stage.path().display())).replacen("curl ", "curl -sS ", 1);
        for (shown, running) in &self.running {
            let front = match running {
                Running::Server(instance) => instance.front(),
                Running::Story(standing) => standing.front(),
            };
            command = command.replace(&format!("localhost:{shown}"), &front.address().to_string());
        }
        let output = Command::new("bash").args(["-c", &command]).output().context("cannot start bash")?;
        ensure!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
        Ok(String::from_utf8(output.stdout)?)
    }
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

/// A command of the page.
struct Typed {
    command: String,
    /// What the page shows as its answer.
    answer: String,
    /// Whether the page says Ctrl-C before it.
    ctrl_c: bool,
}

/// The commands of the console blocks of `page`.
fn commands(page: &str) -> Vec<Typed> {
    let mut typed: Vec<Typed> = Vec::new();
    let mut parts = page.split("```console\n");
    let mut prose = parts.next().unwrap_or_default();
    for part in parts {
        let (block, after) = part.split_once("```").unwrap_or_default();
        let mut ctrl_c = prose.contains("Ctrl-C");
        for line in block.lines() {
            if let Some(command) = line.strip_prefix("$ ") {
                typed.push(Typed { command: command.to_owned(), answer: String::new(), ctrl_c: mem::take(&mut ctrl_c) });
            } else {
                typed.last_mut().expect("an answer follows a command").answer.extend([line, "\n"]);
            }
        }
        prose = after;
    }
    typed
}

#[actix_rt::test]
async fn the_commands_of_the_readme_answer_what_it_says() -> Result<()> {
    let page = std::fs::read_to_string(root().join("README.md"))?;
    let stage = Stage::new()?;
    let redis = Redis::start(&stage, Persistence::None).await?;
    let mut terminals = Terminals { stage, redis, running: HashMap::new() };
    let commands = commands(&page);
    assert!(commands.len() > 20, "the page has lost its commands");
    for Typed { command, answer, ctrl_c } in commands {
        if ctrl_c {
            terminals.running.clear();
        }
        assert_eq!(terminals.run(&command).await?, answer, "{command}");
    }
    Ok(())
}
