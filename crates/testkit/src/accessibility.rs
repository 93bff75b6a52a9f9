//! Checks that everyone can use a page: on a phone, in the dark, with a screen reader.

use std::fs;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::{Browser, root};

/// axe-core, as `scripts/setup.sh axe` installs it.
const AXE: &str = "target/axe/axe_playwright_python/axe.min.js";

/// Widths of a desktop and of a phone, in pixels.
const WIDTHS: [u32; 2] = [1200, 390];

/// Script: axe's violations as text, or the reason why it failed. Each line has a rule, and an element that breaks it.
const FIND: &str = "
    const done = arguments[0];
    const lines = ({ id, nodes }) => nodes.map(it => `${id}: ${it.target}: ${it.failureSummary}`.replace(/\\s+/g, ' '));
    axe.run({ resultTypes: ['violations'], rules: { 'target-size': { enabled: true } } })
        .then(({ violations }) => done(violations.flatMap(lines).join('\\n')), error => done(`axe: ${error}`));";

/// Script: the elements whose content is too wide for them. A scroll bar solves that, and an input scrolls without one.
/// A text for screen readers alone may be wider.
const WIDER: &str = "[...document.querySelectorAll('html, body *:not(input, svg, svg *)')]
    .filter(it => it.clientWidth > 1 && it.scrollWidth > it.clientWidth + 1)
    .filter(it => !['auto', 'scroll'].includes(getComputedStyle(it).overflowX) && getComputedStyle(it).clipPath == 'none')
    .map(it => `too wide: ${it.outerHTML.slice(0, 80)}`).join('\\n')";

impl Browser {
    /// Checks the page that is open, on a desktop and on a phone, light and dark. axe must find nothing, and the page
    /// must fit into the width of the screen. The error lists every problem.
    pub async fn check_accessibility(&self) -> Result<()> {
        let file = root().join(AXE);
        let axe = fs::read_to_string(&file);
        let axe = axe.with_context(|| {
            let file = file.display();
            format!("cannot read {file}; scripts/setup.sh axe installs it")
        })?;
        self.run("sync", &axe).await?;
        let mut problems = Vec::new();
        for width in WIDTHS {
            for theme in ["light", "dark"] {
                self.emulate(width, theme).await?;
                let found = [
                    self.run("async", FIND).await?,
                    self.eval(WIDER).await?.into(),
                ];
                let lines = found.iter().filter_map(Value::as_str).flat_map(str::lines);
                problems.extend(lines.map(|line| format!("{width} px, {theme}: {line}")));
            }
        }
        let page = self.eval("location.href").await?;
        ensure!(problems.is_empty(), "{page}\n{}", problems.join("\n"));
        Ok(())
    }

    /// Shows all pages as on a screen of this `width`, for a user who prefers this colour `theme` and no motion.
    async fn emulate(&self, width: u32, theme: &str) -> Result<()> {
        let screen =
            json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false });
        let features = json!({ "features": [
            { "name": "prefers-color-scheme", "value": theme },
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ]});
        for (command, parameters) in [
            ("Emulation.setDeviceMetricsOverride", screen),
            ("Emulation.setEmulatedMedia", features),
        ] {
            let body = json!({ "cmd": command, "params": parameters });
            self.post("/goog/cdp/execute", body).await?;
        }
        Ok(())
    }

    /// Runs `script` in the page, whatever its content security policy allows.
    async fn run(&self, how: &str, script: &str) -> Result<Value> {
        let body = json!({ "script": script, "args": [] });
        self.post(&format!("/execute/{how}"), body).await
    }
}
