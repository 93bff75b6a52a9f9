//! Two instances of the old version behind HAProxy, and the attendee's script.

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use testkit::{
    Balancer, Demo, Endpoint, Group, Instance, Persistence, Port, Redis, TestEnv, Visitor, binary,
    root, tool,
};
use tokio::process::{Child, Command};

/// The names of the versions, as in `X-Served-By`.
pub(super) const OLD: &str = "v1";
pub(super) const NEW: &str = "v2";

/// The programs of a new version, in the folder `rolling_deploy`.
#[derive(Debug, Clone, Copy)]
pub(super) enum NewVersion {
    Healthy,
    /// Answers every request with 503.
    Broken,
}

/// Old instances, their load balancer, and what the script gets.
pub(super) struct Site {
    pub(super) apps: [Instance; 2],
    pub(super) balancer: Balancer,
    /// The process IDs of the old instances.
    processes: [String; 2],
    /// Environment variables of the script, and of the instances that it starts.
    settings: Vec<(&'static str, String)>,
    env: TestEnv,
    _redis: Redis,
    _admin: Port,
    spare: Port,
}

impl Site {
    pub(super) async fn start(parent: &TestEnv, new: NewVersion) -> Result<Self> {
        let env = TestEnv::within(parent.path())?;
        let redis = Redis::start(&env, Persistence::None).await?;
        let (admin, spare) = (Port::claim()?, Port::claim()?);
        let mut settings = vec![
            ("REDIS_URL", redis.url()),
            (
                "SESSION_KEY",
                "the secret of both versions in this check".to_owned(),
            ),
            ("LAB", "true".to_owned()),
            ("WORKERS", "2".to_owned()),
            // The visitors keep a slow machine busy. There Redis may need longer than the default allows.
            ("REDIS_TIMEOUT", "5s".to_owned()),
        ];
        let shared = settings.iter().map(|(name, value)| (*name, value.as_str()));
        let shared: Vec<_> = shared.chain([("INSTANCE", OLD)]).collect();
        let apps = [
            Instance::started(&env, Demo::Login, "app-1", &shared).await?,
            Instance::started(&env, Demo::Login, "app-2", &shared).await?,
        ];
        let addresses = apps.each_ref().map(Instance::address);
        let haproxy = root().join("exercises/20-rolling-deploy/haproxy.cfg");
        let admin_address = [("ADMIN", &*format!("127.0.0.1:{}", admin.number()))];
        let balancer = Balancer::with_config(&env, &haproxy, &addresses, &admin_address).await?;

        let folder = env.folder("deploy")?;
        let mut processes = [const { String::new() }; 2];
        for (number, (app, process)) in (1..).zip(apps.iter().zip(&mut processes)) {
            *process = app.pid().context("it has ended")?.to_string();
            fs::write(pid_file(&folder, number), &process)?;
        }
        let program = match new {
            NewVersion::Healthy => "new-version.sh",
            NewVersion::Broken => "broken-version.sh",
        };
        let program = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("src/checks/rolling_deploy")
            .join(program);
        settings.extend([
            ("SERVER", binary("demo-login")?.display().to_string()),
            ("HAPROXY", tool("haproxy")?.display().to_string()),
            ("NEW_VERSION", program.display().to_string()),
            ("PORT_1", addresses[0].port().to_string()),
            ("PORT_2", addresses[1].port().to_string()),
            ("SPARE_PORT", spare.number().to_string()),
            ("ADMIN", format!("127.0.0.1/{}", admin.number())),
            ("FOLDER", folder.display().to_string()),
        ]);
        Ok(Self {
            apps,
            balancer,
            processes,
            settings,
            env,
            _redis: redis,
            _admin: admin,
            spare,
        })
    }

    pub(super) fn endpoint(&self) -> Endpoint {
        self.balancer.endpoint()
    }

    /// Returns the address of the spare port.
    pub(super) fn spare_address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.spare.number()).into()
    }

    /// Starts `script` in its folder. What it starts ends with the returned group.
    pub(super) fn run(&self, script: &Path) -> Result<(Child, Group)> {
        let output = fs::File::create(self.output_file())?;
        let mut command = Command::new("bash");
        command
            .arg(script.file_name().context("no file")?)
            .current_dir(script.parent().context("no folder")?)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.env.path())
            .envs(self.settings.iter().map(|(name, value)| (*name, value)))
            .stdout(output.try_clone()?)
            .stderr(output);
        self.env.start_group(&mut command)
    }

    /// Returns the last line that the script has printed.
    pub(super) fn last_line(&self) -> String {
        let output = fs::read(self.output_file()).unwrap_or_default();
        let output = String::from_utf8_lossy(&output);
        let last = output.lines().rfind(|line| !line.trim().is_empty());
        last.unwrap_or("nothing").trim().to_owned()
    }

    /// Returns whether the script has started a new process as the instance with this number.
    pub(super) fn has_started(&self, number: usize) -> bool {
        let process = fs::read_to_string(pid_file(&self.folder(), number)).unwrap_or_default();
        process.trim() != self.processes[number - 1]
    }

    /// Returns whether the new instance with this number has found its port in use.
    pub(super) fn found_port_in_use(&self, number: usize) -> bool {
        let log = fs::read(self.folder().join(format!("app-{number}.log"))).unwrap_or_default();
        String::from_utf8_lossy(&log).contains("address in use")
    }

    fn folder(&self) -> PathBuf {
        self.env.path().join("deploy")
    }

    fn output_file(&self) -> PathBuf {
        self.env.path().join("logs/script.log")
    }
}

fn pid_file(folder: &Path, number: usize) -> PathBuf {
    folder.join(format!("app-{number}.pid"))
}

/// Returns the version of the instance at `address`, if it is ready.
pub(super) async fn ready_version(address: SocketAddr) -> Option<String> {
    let seen = Visitor::new().get(&Endpoint::new(address), "/readyz").await;
    seen.ok().filter(|seen| seen.status == 200)?.instance
}
