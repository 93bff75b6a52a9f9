//! The servers of each step of `workshop.md`.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use testkit::Demo;

/// How visitors reach the instances.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Entrance {
    /// One instance, on the port itself.
    One,
    /// Two instances, each on a port of its own.
    Two,
    /// Three instances, each on a port of its own.
    Three,
    /// HAProxy on the port itself, and two instances behind it.
    Balanced,
    /// The same, and HAProxy sends each visitor to the instance of their first visit.
    Sticky,
}

impl Entrance {
    /// Returns whether visitors come through HAProxy.
    pub(super) fn is_haproxy(self) -> bool {
        matches!(self, Self::Balanced | Self::Sticky)
    }

    /// Returns the ports that visitors use. `base` is the port itself.
    pub(super) fn ports(self, base: u16) -> Result<Vec<u16>> {
        let port = |after: u16| {
            base.checked_add(after).with_context(|| {
                format!("there is no port {after} after {base}; choose a lower one")
            })
        };
        match self {
            Self::One | Self::Balanced | Self::Sticky => Ok(vec![base]),
            Self::Two => Ok(vec![port(1)?, port(2)?]),
            Self::Three => Ok(vec![port(1)?, port(2)?, port(3)?]),
        }
    }
}

/// A need of a step besides its servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Special {
    None,
    /// All instances keep their files in one folder.
    SharesFolder,
    /// Redis has its own settings, and is started again when it ends.
    RestartsRedis,
    /// An instance is started again when it ends.
    RestartsInstances,
    /// The first instance's commands to Redis that contain `word` take `delay` longer.
    DelaysWrites {
        word: &'static str,
        delay: Duration,
    },
}

/// Environment variables of one instance.
type Settings = &'static [(&'static str, &'static str)];

/// The servers that one or more steps need.
#[derive(Debug)]
pub(super) struct Site {
    steps: &'static [u32],
    /// Describes it in a few words.
    pub(super) text: &'static str,
    pub(super) demo: Demo,
    pub(super) entrance: Entrance,
    pub(super) instances: &'static [Settings],
    pub(super) special: Special,
}

const OLD_SECRET: &str = "the-old-secret-of-thirty-two-characters";
const NEW_SECRET: &str = "the-new-secret-of-thirty-two-characters";

const SITES: &[Site] = &[
    Site {
        steps: &[3],
        text: "two demo-file, each with a folder of its own",
        demo: Demo::File,
        entrance: Entrance::Two,
        instances: &[&[], &[]],
        special: Special::None,
    },
    Site {
        steps: &[4],
        text: "two demo-file behind HAProxy",
        demo: Demo::File,
        entrance: Entrance::Balanced,
        instances: &[&[], &[]],
        special: Special::None,
    },
    Site {
        steps: &[5],
        text: "two demo-redis behind HAProxy, and Redis",
        demo: Demo::Redis,
        entrance: Entrance::Balanced,
        instances: &[&[], &[]],
        special: Special::None,
    },
    Site {
        steps: &[6],
        text: "two demo-redis behind HAProxy, and Redis, which starts again when it ends",
        demo: Demo::Redis,
        entrance: Entrance::Balanced,
        instances: &[&[], &[]],
        special: Special::RestartsRedis,
    },
    Site {
        steps: &[7],
        text: "two demo-redis, each with a SESSION_KEY of its own, and one Redis",
        demo: Demo::Redis,
        entrance: Entrance::Two,
        instances: &[
            &[("SESSION_KEY", "the-first-secret-of-thirty-two-characters")],
            &[("SESSION_KEY", "another-secret-of-thirty-two-characters-too")],
        ],
        special: Special::None,
    },
    Site {
        steps: &[9],
        text: "two demo-memory behind HAProxy, which keeps each visitor at one of them",
        demo: Demo::Memory,
        entrance: Entrance::Sticky,
        instances: &[&[], &[]],
        special: Special::None,
    },
    Site {
        steps: &[10],
        text: "two demo-file behind HAProxy, with one folder for both",
        demo: Demo::File,
        entrance: Entrance::Balanced,
        instances: &[&[], &[]],
        special: Special::SharesFolder,
    },
    Site {
        steps: &[11],
        text: "two demo-cookie behind HAProxy",
        demo: Demo::Cookie,
        entrance: Entrance::Balanced,
        instances: &[&[], &[]],
        special: Special::None,
    },
    Site {
        steps: &[12],
        text: "three demo-login with an old and a new SESSION_KEY, and one Redis",
        demo: Demo::Login,
        entrance: Entrance::Three,
        instances: &[
            &[("SESSION_KEY", OLD_SECRET)],
            &[("SESSION_KEY", NEW_SECRET)],
            &[
                ("SESSION_KEY", NEW_SECRET),
                ("ACCEPTED_SESSION_KEYS", OLD_SECRET),
            ],
        ],
        special: Special::None,
    },
    Site {
        steps: &[13, 14, 17, 18, 20, 21],
        text: "two demo-login behind HAProxy, Redis and the viewer",
        demo: Demo::Login,
        entrance: Entrance::Balanced,
        instances: &[&[], &[]],
        special: Special::None,
    },
    Site {
        steps: &[15],
        text: "one demo-login with LAB=true, and Redis",
        demo: Demo::Login,
        entrance: Entrance::One,
        instances: &[&[("LAB", "true")]],
        special: Special::None,
    },
    Site {
        steps: &[16],
        text: "one demo-login with IDLE_TIMEOUT=2s and ABSOLUTE_TIMEOUT=4s, and Redis",
        demo: Demo::Login,
        entrance: Entrance::One,
        instances: &[&[("IDLE_TIMEOUT", "2s"), ("ABSOLUTE_TIMEOUT", "4s")]],
        special: Special::None,
    },
    Site {
        steps: &[19],
        text: "two demo-login with LAB=true behind HAProxy, Redis and the viewer",
        demo: Demo::Login,
        entrance: Entrance::Balanced,
        instances: &[&[("LAB", "true")], &[("LAB", "true")]],
        special: Special::RestartsInstances,
    },
    Site {
        steps: &[22],
        text: "two demo-redis and one Redis. The first one's writes with the word late take 3 s",
        demo: Demo::Redis,
        entrance: Entrance::Two,
        instances: &[&[], &[]],
        special: Special::DelaysWrites {
            word: "late",
            delay: Duration::from_secs(3),
        },
    },
];

impl Site {
    pub(super) fn needs_redis(&self) -> bool {
        self.demo.needs_redis()
    }

    /// Returns the host names that visitors use, the most important one first.
    pub(super) fn hosts(&self) -> Vec<String> {
        let names = |others: &[&str]| others.iter().map(|&name| name.to_owned()).collect();
        match (self.entrance, self.demo) {
            // HAProxy sends plain localhost to a demo of the counter only.
            (Entrance::Balanced, Demo::Login) => {
                let others = ["sessions.localhost", "stats.localhost"];
                names(&[&[self.demo.host_name().as_str()][..], &others].concat())
            }
            (Entrance::Balanced | Entrance::Sticky, _) => names(&["localhost", "stats.localhost"]),
            (Entrance::One | Entrance::Two | Entrance::Three, _) => names(&["localhost"]),
        }
    }
}

/// Returns the servers of `step`. The error says what to do if it needs none.
pub(super) fn of_step(step: u32) -> Result<&'static Site> {
    match step {
        1 => bail!("step 1 needs one server: cargo run -p demo-memory"),
        2 => bail!("step 2 needs one server: cargo run -p demo-file"),
        8 => bail!("step 8 uses containers: docker compose up --detach --wait"),
        _ => SITES
            .iter()
            .find(|site| site.steps.contains(&step))
            .with_context(|| format!("there is no step {step} in workshop.md")),
    }
}
