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
}

impl Entrance {
    /// Returns the ports that visitors use. `base` is the port itself.
    pub(super) fn ports(self, base: u16) -> Result<Vec<u16>> {
        let port = |after: u16| {
            base.checked_add(after).with_context(|| {
                format!("there is no port {after} after {base}; choose a lower one")
            })
        };
        match self {
            Self::One | Self::Balanced => Ok(vec![base]),
            Self::Two => Ok(vec![port(1)?, port(2)?]),
            Self::Three => Ok(vec![port(1)?, port(2)?, port(3)?]),
        }
    }
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
    },
    Site {
        steps: &[4],
        text: "two demo-file behind HAProxy",
        demo: Demo::File,
        entrance: Entrance::Balanced,
        instances: &[&[], &[]],
    },
    Site {
        steps: &[5],
        text: "two demo-redis behind HAProxy, and Redis",
        demo: Demo::Redis,
        entrance: Entrance::Balanced,
        instances: &[&[], &[]],
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
    },
    Site {
        steps: &[11],
        text: "two demo-cookie behind HAProxy",
        demo: Demo::Cookie,
        entrance: Entrance::Balanced,
        instances: &[&[], &[]],
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
    },
    Site {
        steps: &[13, 14, 17, 18, 20, 21],
        text: "two demo-login behind HAProxy, Redis and the viewer",
        demo: Demo::Login,
        entrance: Entrance::Balanced,
        instances: &[&[], &[]],
    },
    Site {
        steps: &[15],
        text: "one demo-login with LAB=true, and Redis",
        demo: Demo::Login,
        entrance: Entrance::One,
        instances: &[&[("LAB", "true")]],
    },
    Site {
        steps: &[16],
        text: "one demo-login with IDLE_TIMEOUT=2s and ABSOLUTE_TIMEOUT=4s, and Redis",
        demo: Demo::Login,
        entrance: Entrance::One,
        instances: &[&[("IDLE_TIMEOUT", "2s"), ("ABSOLUTE_TIMEOUT", "4s")]],
    },
    Site {
        steps: &[19],
        text: "two demo-login with LAB=true behind HAProxy, Redis and the viewer",
        demo: Demo::Login,
        entrance: Entrance::Balanced,
        instances: &[&[("LAB", "true")], &[("LAB", "true")]],
    },
    Site {
        steps: &[22],
        text: "two demo-redis and one Redis. The first one's writes with the word late take 3 s",
        demo: Demo::Redis,
        entrance: Entrance::Two,
        instances: &[&[], &[]],
    },
];

impl Site {
    pub(super) fn needs_redis(&self) -> bool {
        self.demo.needs_redis()
    }

    /// Returns which writes of the first instance take long to reach Redis, by a word in them, and how long.
    pub(super) fn late_writes(&self) -> Option<(&'static str, Duration)> {
        let is_late = self.steps.contains(&22);
        is_late.then_some(("late", Duration::from_secs(3)))
    }

    /// Returns whether an instance is started again when it has ended.
    pub(super) fn restarts_instances(&self) -> bool {
        self.steps == [19]
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
            (Entrance::Balanced, _) => names(&["localhost", "stats.localhost"]),
            (Entrance::One | Entrance::Two | Entrance::Three, _) => names(&["localhost"]),
        }
    }
}

/// Returns the servers of `step`. The error says what to do if it needs none.
pub(super) fn of_step(step: u32) -> Result<&'static Site> {
    match step {
        1 => bail!("step 1 needs one server: cargo run -p demo-memory"),
        2 => bail!("step 2 needs one server: cargo run -p demo-file"),
        6 | 9 => bail!("step {step} needs no server: its exercise starts what it needs"),
        8 => bail!("step 8 uses containers: docker compose up --detach --wait"),
        _ => SITES
            .iter()
            .find(|site| site.steps.contains(&step))
            .with_context(|| format!("there is no step {step} in workshop.md")),
    }
}
