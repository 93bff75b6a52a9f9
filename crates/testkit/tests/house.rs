//! The structure of the source tree: the rooms that README.md names, and arrows that point down.
#![allow(clippy::unwrap_used)]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use testkit::root;

/// A module by its path from the crate's root, which is the empty path.
type Module = Vec<String>;

/// Returns the Rust files in `folder` and its subfolders.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let paths = fs::read_dir(folder).unwrap().flatten();
    let nested = paths.map(|entry| match entry.path() {
        path if path.is_dir() => sources(&path),
        path => vec![path],
    });
    let is_rust = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "rs");
    nested.flatten().filter(is_rust).collect()
}

/// Returns the modules of the crate in `src` with their source, without comments and tests.
fn modules(src: &Path) -> BTreeMap<Module, String> {
    let mut found: BTreeMap<Module, String> = BTreeMap::new();
    for file in sources(src) {
        let path = file.strip_prefix(src).unwrap().with_extension("");
        let mut module: Module = path
            .iter()
            .map(|part| part.to_str().unwrap().to_owned())
            .collect();
        if module[0] == "bin" {
            continue;
        }
        module.pop_if(|name| matches!(name.as_str(), "lib" | "main" | "mod"));
        let text = fs::read_to_string(file).unwrap();
        let text = text.split("#[cfg(test)]\nmod tests").next().unwrap();
        let lines = text.lines().map(|line| line.split("//").next().unwrap());
        *found.entry(module).or_default() += &lines.collect::<Vec<_>>().join(" ");
    }
    found
}

/// The paths of a `use` tree, as in `a::{b, c::d}`.
fn expand(tree: &str) -> Vec<String> {
    let Some((prefix, rest)) = tree.split_once('{') else {
        return vec![tree.trim().to_owned()];
    };
    let (mut depth, mut part, mut paths) = (0, String::new(), Vec::new());
    for c in rest.chars() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            _ => {}
        }
        if c == ',' && depth == 0 {
            paths.extend(expand(&part));
            part.clear();
        } else {
            part.push(c);
        }
    }
    paths.extend(expand(&part));
    paths.retain(|path| !path.is_empty());
    paths
        .iter()
        .map(|path| format!("{}{path}", prefix.trim()))
        .collect()
}

/// The `use` declarations of `text`: whether each is public, and its paths.
fn uses(text: &str) -> Vec<(bool, Vec<String>)> {
    let starts = text.match_indices("use ").filter(|(at, _)| {
        let before = text[..*at].trim_end();
        before.is_empty() || before.ends_with([';', '}', ']', '{', ')']) || before.ends_with("pub")
    });
    starts
        .map(|(at, _)| {
            let before = text[..at].trim_end();
            let public = before.ends_with("pub") || before.ends_with("pub(crate)");
            let tree = text[at + 4..].split(';').next().unwrap_or_default();
            (public, expand(tree))
        })
        .collect()
}

/// The module that defines what `path`, seen in `from`, leads to. Follows re-exports.
fn resolve(modules: &BTreeMap<Module, String>, from: &Module, path: &str) -> Option<Module> {
    let path = path.split(" as ").next()?.trim();
    let mut segments = path.split("::").map(str::trim).peekable();
    let mut at = match *segments.peek()? {
        "crate" => Module::new(),
        "self" | "super" => from.clone(),
        child => modules
            .contains_key(&[&from[..], &[child.to_owned()]].concat())
            .then(|| from.clone())?,
    };
    for segment in segments {
        match segment {
            "crate" | "self" => continue,
            "super" => {
                at.pop();
                continue;
            }
            _ => {}
        }
        let child = [&at[..], &[segment.to_owned()]].concat();
        if modules.contains_key(&child) {
            at = child;
            continue;
        }
        let exported = uses(&modules[&at])
            .into_iter()
            .filter(|(public, _)| *public)
            .flat_map(|(_, paths)| paths)
            .find(|path| path.rsplit("::").next().map(str::trim) == Some(segment));
        return exported
            .and_then(|path| resolve(modules, &at, &path))
            .or(Some(at));
    }
    Some(at)
}

/// The modules that can be reached from `start` by imports.
fn reachable(arrows: &BTreeMap<Module, BTreeSet<Module>>, start: &Module) -> BTreeSet<Module> {
    let (mut seen, mut open) = (BTreeSet::new(), vec![start]);
    while let Some(module) = open.pop() {
        for next in &arrows[module] {
            if seen.insert(next.clone()) {
                open.push(next);
            }
        }
    }
    seen
}

/// Returns the folders of all crates.
fn crates() -> Vec<PathBuf> {
    let rooms = ["crates", "demos"].map(|room| fs::read_dir(root().join(room)).unwrap());
    let folders = rooms.into_iter().flatten().flatten();
    folders.map(|folder| folder.path()).collect()
}

#[test]
fn modules_do_not_import_each_other_in_a_cycle() {
    for krate in crates() {
        let found = modules(&krate.join("src"));
        let arrows: BTreeMap<_, BTreeSet<_>> = found
            .iter()
            .map(|(from, text)| {
                let private = uses(text).into_iter().filter(|(public, _)| !public);
                let targets = private.flat_map(|(_, paths)| paths);
                let targets = targets.filter_map(|path| resolve(&found, from, &path));
                // A parent calls its children by their paths, without an import.
                let statements = text.split(';').filter(|text| !text.contains("use "));
                let text = statements.collect::<Vec<_>>().join(";");
                let children = found.keys().filter(|module| {
                    module.split_last().is_some_and(|(name, parent)| {
                        parent == &from[..] && text.contains(&format!(" {name}::"))
                    })
                });
                let targets = targets.chain(children.cloned());
                (from.clone(), targets.filter(|to| to != from).collect())
            })
            .collect();
        assert!(arrows.len() == 1 || arrows.values().any(|to| !to.is_empty()));
        for module in arrows.keys() {
            assert!(
                !reachable(&arrows, module).contains(module),
                "{}: {} imports itself by way of others",
                krate.display(),
                module.join("::")
            );
        }
    }
}

#[test]
fn the_readme_names_every_room() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let map = readme.split("## The house").nth(1).unwrap();
    let map = map.split("```").nth(1).unwrap();
    for folder in crates() {
        let name = folder.file_name().unwrap().to_str().unwrap();
        assert!(
            map.contains(&format!("{name}/")),
            "{name} is not in the map"
        );
    }
}

#[test]
fn the_names_of_tests_are_short() {
    for file in crates().iter().flat_map(|folder| sources(folder)) {
        let text = fs::read_to_string(&file).unwrap();
        // Behind `#[test]`, `#[actix_web::test]` and the like.
        for function in text.split("test]\n").skip(1) {
            let (_, function) = function.split_once("fn ").unwrap();
            let (name, _) = function.split_once('(').unwrap();
            assert!(name.len() <= 60, "{}: {name}", file.display());
        }
    }
}
