//! A real browser, controlled through `WebDriver` (W3C).
//!
//! The few commands that we need are plain HTTP with JSON. The crates that offer them all have some thirty
//! dependencies. They also turn on features of crates that we use, so that those would be compiled twice.

use std::{
    fmt::Display,
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, anyhow, bail};
use awc::Client;
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use serde_json::{Value, json};

use crate::{TestEnv, binaries::tool, ports::Port, process::Process, wait_until};

/// Longest that a command may take on a slow machine. The first command starts a browser.
const COMMAND_TIMEOUT: Duration = Duration::from_secs(60);
/// Longest that the page may take to change on a slow machine.
const CHANGE_TIMEOUT: Duration = Duration::from_secs(30);
/// Longest that a browser may take to end.
const EXIT_TIMEOUT: Duration = Duration::from_secs(5);
/// The field that names an element (`WebDriver`, section 12.1).
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A Chromium without a window and with its own profile. It ends when this is dropped.
pub struct Browser {
    chromedriver: Option<Process>,
    /// The browser's process ID.
    pid: Option<Pid>,
    env: TestEnv,
    client: Client,
    /// The URL for commands.
    url: String,
    _port: Port,
}

impl Browser {
    pub async fn start(env: &TestEnv) -> Result<Self> {
        let port = Port::claim()?;
        let folder = env.folder(&format!("browser-{}", port.number()))?;
        let mut command = Command::new(tool("chromedriver")?);
        command.arg(format!("--port={}", port.number()));
        // Keeps away from the profile and the caches of the user's own browser.
        command.env("HOME", &folder).env("TMPDIR", &folder);
        for variable in ["XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"] {
            command.env_remove(variable);
        }
        let mut process = Process::new(env, &format!("chromedriver-{}", port.number()), command)?;
        process
            .start(async |log| log.contains("was started successfully"))
            .await?;

        let client = Client::builder().timeout(COMMAND_TIMEOUT).finish();
        let url = format!("http://127.0.0.1:{}/session", port.number());
        let mut browser = Self {
            chromedriver: Some(process),
            pid: None,
            env: env.clone(),
            client,
            url,
            _port: port,
        };
        // The pipe closes when chromedriver ends, and the browser then ends too. Containers have little shared memory.
        let mut arguments = vec![
            "--headless=new".to_owned(),
            "--remote-debugging-pipe".to_owned(),
            "--disable-dev-shm-usage".to_owned(),
            format!("--user-data-dir={}", folder.join("profile").display()),
        ];
        // Chromium's sandbox does not work for root.
        if nix::unistd::geteuid().is_root() {
            arguments.push("--no-sandbox".to_owned());
        }
        let options = json!({ "args": arguments });
        let wanted = json!({ "alwaysMatch": { "goog:chromeOptions": options } });
        let session = browser.post("", json!({ "capabilities": wanted })).await?;
        let id = session["sessionId"].as_str().context("no session")?;
        browser.url = format!("{}/{id}", browser.url);
        let pid = session["capabilities"]["goog:processID"]
            .as_u64()
            .context("chromedriver does not report the browser's process ID")?;
        env.reaper().send("started", u32::try_from(pid)?);
        browser.pid = Some(Pid::from_raw(i32::try_from(pid)?));
        Ok(browser)
    }

    /// Opens `url` and waits until the page is loaded.
    pub async fn open(&self, url: &str) -> Result<()> {
        self.post("/url", json!({ "url": url })).await.map(drop)
    }

    /// Evaluates the expression `script` in the page. Returns the result as text.
    pub async fn eval(&self, script: &str) -> Result<String> {
        let body = json!({ "script": format!("return String({script})"), "args": [] });
        let result = self.post("/execute/sync", body).await?;
        Ok(result.as_str().context("no text")?.to_owned())
    }

    /// Waits until the expression `script` evaluates to `expected`.
    pub async fn wait_for(&self, script: &str, expected: &str) -> Result<()> {
        let mut last = String::new();
        let what = format!("{script} to be {expected}");
        let waited = wait_until(&what, CHANGE_TIMEOUT, async || {
            // Between two pages a script fails.
            let result = self.eval(script).await;
            last = result.unwrap_or_else(|error| error.to_string());
            Ok((last == expected).then_some(()))
        })
        .await;
        waited.with_context(|| format!("it is {last}"))
    }

    /// Clicks on the first element that matches `selector`. Like for a visitor, it must be in view and not covered.
    pub async fn click(&self, selector: &str) -> Result<()> {
        self.at(selector, "click", json!({})).await
    }

    /// Appends `text` to the first input that matches `selector`.
    pub async fn type_into(&self, selector: &str, text: &str) -> Result<()> {
        self.at(selector, "value", json!({ "text": text })).await
    }

    /// Resizes the window, in pixels.
    pub async fn resize(&self, width: u32, height: u32) -> Result<()> {
        let size = json!({ "width": width, "height": height });
        self.post("/window/rect", size).await.map(drop)
    }

    /// Goes back, like the browser's Back button.
    pub async fn back(&self) -> Result<()> {
        self.post("/back", json!({})).await.map(drop)
    }

    /// Sends `command` to the first element that matches `selector`.
    async fn at(&self, selector: &str, command: &str, body: Value) -> Result<()> {
        let query = json!({ "using": "css selector", "value": selector });
        let found = self.post("/element", query).await?;
        let element = found[ELEMENT].as_str().context("no element")?;
        let path = format!("/element/{element}/{command}");
        self.post(&path, body).await.map(drop)
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Result<Value> {
        let failed = |error: &dyn Display| anyhow!("chromedriver, {path}: {error}");
        let request = self.client.post(format!("{}{path}", self.url));
        let mut response = request
            .force_close()
            .send_json(&body)
            .await
            .map_err(|error| failed(&error))?;
        let reply: Value = response.json().await.map_err(|error| failed(&error))?;
        let value = &reply["value"];
        if let Some(error) = value["error"].as_str() {
            let message = value["message"].as_str().unwrap_or_default();
            bail!("the browser, {path}: {error}: {message}");
        }
        Ok(value.clone())
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        drop(self.chromedriver.take());
        let Some(pid) = self.pid else { return };
        // Wait: the browser still writes into its folder, which must not be removed before.
        let since = Instant::now();
        while kill(pid, None).is_ok() {
            if since.elapsed() > EXIT_TIMEOUT {
                let _ = kill(pid, Signal::SIGKILL);
                break;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        self.env.reaper().send("ended", pid.as_raw().unsigned_abs());
    }
}
