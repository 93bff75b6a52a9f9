//! The pictures in README.md and workshop.md.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context, Result, ensure};

use crate::{
    Story,
    picture::{Document, Picture},
    scene::Report,
    scenes::HAPROXY,
    step::Step,
};

/// The scenes that the documents show. Each has the same picture in every run.
const SHOWN: [&str; 6] = [
    "memory-restart",
    "file-two",
    "two-ports",
    "redis-two",
    "redis-kill",
    "own-secrets",
];

/// Writes the pictures of the scenes in `story` that the documents show.
pub fn write(story: &Story, folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    for (file, picture) in drawn(story) {
        let path = folder.join(file);
        fs::write(&path, picture).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

/// Returns an error if a picture in `folder` differs from that of its scene in `story`.
pub fn check(story: &Story, folder: &Path) -> Result<()> {
    let stale = drawn(story).filter(|(file, picture)| {
        let kept = fs::read_to_string(folder.join(file));
        kept.ok().as_ref() != Some(picture)
    });
    let stale: Vec<_> = stale.map(|(file, _)| file).collect();
    let folder = folder.display();
    ensure!(
        stale.is_empty(),
        "{folder} lacks the pictures of this run for {}; \
         write them with scripts/demo.sh --once --pictures {folder}",
        stale.join(", ")
    );
    Ok(())
}

/// Returns the file name and the picture of each scene in `story` that the documents show.
fn drawn(story: &Story) -> impl Iterator<Item = (String, String)> {
    let shown = |report: &&Report| report.passed && SHOWN.contains(&report.scene.name);
    story.scenes.iter().filter(shown).map(|report| {
        let scene = report.scene;
        let document = Document {
            name: scene.name,
            title: scene.title,
            balanced: scene.needs.contains(&HAPROXY),
            proves: scene.proves,
        };
        let picture = document.draw(&Picture::new(&renamed(&report.steps)));
        (format!("{}.svg", scene.name), picture)
    })
}

/// Numbers the instances of `steps` in the order in which they answered. HAProxy may begin with any of them.
fn renamed(steps: &[Step]) -> Vec<Step> {
    let mut names: BTreeMap<&str, String> = BTreeMap::new();
    for instance in steps.iter().filter_map(|step| step.instance.as_deref()) {
        if let Some((demo, _)) = instance.rsplit_once('-') {
            let others = names.keys().filter(|name| {
                name.rsplit_once('-')
                    .is_some_and(|(other, _)| other == demo)
                    && **name != instance
            });
            let number = others.count() + 1;
            names
                .entry(instance)
                .or_insert_with(|| format!("{demo}-{number}"));
        }
    }
    let rename = |text: &str| {
        let words = text.split_inclusive([' ', ',']).map(|word| {
            let name = word.trim_end_matches([' ', ',']);
            let new = names.get(name).map_or(name, String::as_str);
            word.replacen(name, new, 1)
        });
        words.collect::<String>()
    };
    let steps = steps.iter().map(|step| Step {
        step: rename(&step.step),
        instance: step.instance.as_deref().map(rename),
        ..step.clone()
    });
    steps.collect()
}

#[cfg(test)]
mod tests {
    use crate::{scenes::SCENES, step::Kind};

    use super::*;

    #[test]
    fn stale_picture_is_an_error_with_the_command_that_writes_it() {
        let scene = SCENES.iter().find(|scene| scene.name == SHOWN[0]).unwrap();
        let report = Report {
            number: 1,
            scene,
            passed: true,
            failure: None,
            steps: vec![visit("memory-1"), visit("memory-1")],
            millis: 0,
            matrix: None,
        };
        let mut story = Story {
            scenes: vec![report],
            left_out: Vec::new(),
            millis: 0,
            matrix: None,
        };
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("pictures");
        check(&story, &folder).unwrap_err();

        write(&story, &folder).unwrap();
        check(&story, &folder).unwrap();

        story.scenes[0].steps.pop();
        let error = check(&story, &folder).unwrap_err().to_string();
        let command = format!("scripts/demo.sh --once --pictures {}", folder.display());
        assert!(error.contains("for memory-restart.svg; "), "{error}");
        assert!(error.ends_with(&command), "{error}");
    }

    #[test]
    fn each_shown_scene_exists() {
        for name in SHOWN {
            assert!(SCENES.iter().any(|scene| scene.name == name), "{name}");
        }
    }

    fn visit(instance: &str) -> Step {
        Step {
            instance: Some(instance.to_owned()),
            ..Step::new(Kind::Request, "GET /", "", "")
        }
    }

    #[test]
    fn instances_have_numbers_in_the_order_of_their_answers() {
        let kill = Step::new(Kind::Incident, "kill redis-1, and start it", "", "");
        let steps = [visit("redis-2"), visit("file-2"), visit("redis-1"), kill];
        let renamed = renamed(&steps);
        let names: Vec<_> = renamed
            .iter()
            .filter_map(|it| it.instance.as_deref())
            .collect();
        assert_eq!(names, ["redis-1", "file-1", "redis-2"]);
        assert_eq!(renamed[3].step, "kill redis-2, and start it");
    }
}
