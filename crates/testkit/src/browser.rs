//! A real browser, for what only a browser shows.
//!
//! The few commands of `WebDriver` (W3C) that are needed are plain HTTP with JSON. The crates that offer all of them
//! bring some thirty more, and features for what we share with them: then a build for tests and one without are two.

use std::{
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, anyhow, bail};
use awc::{Client, http::Method};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use serde_json::{Value, json};

use crate::{TestEnv, binaries::tool, ports::Port, process::Process};

/// Longest that a command may take on a slow machine: the first one starts a browser.
const PATIENCE: Duration = Duration::from_secs(60);
/// Longest that a browser may take to go.
const LAST: Duration = Duration::from_secs(5);
/// The field that names an element (`WebDriver`, section 12.1).
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A Chromium without a window and with a profile of its own, which ends when this is dropped.
pub struct Browser {
    /// chromedriver.
    process: Option<Process>,
    /// The browser's own.
    id: Option<Pid>,
    env: TestEnv,
    client: Client,
    /// Where it takes commands.
    url: String,
    _port: Port,
}

impl Browser {
    /// Starts one.
    ///
    /// # Errors
    /// Chromium or chromedriver is not installed, or doesn't start.
    pub async fn start(env: &TestEnv) -> Result<Self> {
        let port = Port::claim()?;
        let folder = env.folder(&format!("browser-{}", port.number()))?;
        let mut command = Command::new(tool("chromedriver")?);
        command.arg(format!("--port={}", port.number()));
        // The user's own browser is none of our business: neither its profile nor what it keeps beside it.
        command.env("HOME", &folder).env("TMPDIR", &folder);
        for variable in ["XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"] {
            command.env_remove(variable);
        }
        let mut process = Process::new(env, &format!("chromedriver-{}", port.number()), command)?;
        process
            .start(async |log| log.contains("was started successfully"))
            .await?;

        let client = Client::builder().timeout(PATIENCE).finish();
        let url = format!("http://127.0.0.1:{}/session", port.number());
        let mut browser = Self {
            process: Some(process),
            id: None,
            env: env.clone(),
            client,
            url,
            _port: port,
        };
        let options =
            json!({ "goog:chromeOptions": { "args": arguments(&folder.join("profile")) } });
        let session = browser
            .command(
                Method::POST,
                "",
                json!({ "capabilities": { "alwaysMatch": options } }),
            )
            .await?;
        browser.url = format!(
            "{}/{}",
            browser.url,
            session["sessionId"].as_str().context("no session")?
        );
        let id = session["capabilities"]["goog:processID"]
            .as_u64()
            .context("chromedriver doesn't tell the browser's process")?;
        env.reaper().started(u32::try_from(id)?);
        browser.id = Some(Pid::from_raw(i32::try_from(id)?));
        Ok(browser)
    }

    /// Goes to `url` and waits until it is loaded.
    ///
    /// # Errors
    /// It can't be loaded.
    pub async fn open(&self, url: &str) -> Result<()> {
        self.command(Method::POST, "/url", json!({ "url": url }))
            .await
            .map(drop)
    }

    /// What the expression `script` is in the page.
    ///
    /// # Errors
    /// It throws; the message is the browser's.
    pub async fn ask(&self, script: &str) -> Result<Value> {
        self.command(
            Method::POST,
            "/execute/sync",
            json!({ "script": format!("return {script}"), "args": [] }),
        )
        .await
    }

    /// Clicks on the first element that `selector` selects, as a visitor does: it must be in view and not covered.
    ///
    /// # Errors
    /// There is none, or it can't be clicked.
    pub async fn click(&self, selector: &str) -> Result<()> {
        self.at(selector, "click", json!({})).await
    }

    /// Types `text` into the first element that `selector` selects, behind what is there.
    ///
    /// # Errors
    /// There is none, or it takes no text.
    pub async fn type_into(&self, selector: &str, text: &str) -> Result<()> {
        self.at(selector, "value", json!({ "text": text })).await
    }

    /// Makes its window so wide and so high, in pixels.
    ///
    /// # Errors
    /// It doesn't.
    pub async fn resize(&self, width: u32, height: u32) -> Result<()> {
        self.command(
            Method::POST,
            "/window/rect",
            json!({ "width": width, "height": height }),
        )
        .await
        .map(drop)
    }

    /// Goes back, as with the button for it.
    ///
    /// # Errors
    /// What is there can't be loaded.
    pub async fn back(&self) -> Result<()> {
        self.command(Method::POST, "/back", json!({}))
            .await
            .map(drop)
    }

    /// Has the first element that `selector` selects take `command`.
    async fn at(&self, selector: &str, command: &str, body: Value) -> Result<()> {
        let found = self
            .command(
                Method::POST,
                "/element",
                json!({ "using": "css selector", "value": selector }),
            )
            .await?;
        let element = found[ELEMENT].as_str().context("no element")?;
        self.command(Method::POST, &format!("/element/{element}/{command}"), body)
            .await
            .map(drop)
    }

    async fn command(&self, method: Method, path: &str, body: Value) -> Result<Value> {
        let request = self
            .client
            .request(method, format!("{}{path}", self.url))
            .force_close();
        let mut response = request
            .send_json(&body)
            .await
            .map_err(|error| anyhow!("chromedriver, {path}: {error}"))?;
        let answer: Value = response
            .json()
            .await
            .map_err(|error| anyhow!("chromedriver, {path}: {error}"))?;
        if let Some(error) = answer["value"]["error"].as_str() {
            bail!(
                "the browser, {path}: {error}: {}",
                answer["value"]["message"].as_str().unwrap_or_default()
            );
        }
        Ok(answer["value"].clone())
    }
}

/// Of a browser without a window, with its profile in a folder of ours.
fn arguments(profile: &Path) -> Vec<String> {
    // By a pipe: when chromedriver goes, in whatever way, the browser knows and goes too. Of shared memory containers
    // have little.
    let mut arguments = [
        "--headless=new",
        "--remote-debugging-pipe",
        "--disable-dev-shm-usage",
    ]
    .map(str::to_owned)
    .to_vec();
    arguments.push(format!("--user-data-dir={}", profile.display()));
    // Chromium's sandbox refuses to work for root.
    if nix::unistd::geteuid().is_root() {
        arguments.push("--no-sandbox".to_owned());
    }
    arguments
}

impl Drop for Browser {
    fn drop(&mut self) {
        drop(self.process.take());
        let Some(id) = self.id else { return };
        // It writes down what it knows, into a folder that must not go before it.
        let since = Instant::now();
        while kill(id, None).is_ok() {
            if since.elapsed() > LAST {
                let _ = kill(id, Signal::SIGKILL);
                break;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        self.env.reaper().ended(id.as_raw().unsigned_abs());
    }
}
