//! The structure of the source tree: the rooms that README.md names, and arrows that point down.
#![allow(clippy::unwrap_used)]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use regex_lite::Regex;
use testkit::root;

/// A module by its path from the crate's root, which is the empty path.
type Module = Vec<String>;

/// For each `use` declaration of a module: whether it is public, and its paths.
type Uses = Vec<(bool, Vec<String>)>;

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

/// Returns the paths of a `use` tree, as in `a::{b, c::d}`.
fn expand(tree: &str) -> Vec<String> {
    let group = Regex::new(r"([\w:]*)\s*\{([^{}]*)\}").unwrap();
    let mut tree = tree.to_owned();
    while let Some(found) = group.captures(&tree) {
        let paths = found[2].split(',').map(str::trim);
        let paths = paths.map(|path| format!("{}{path}", &found[1]));
        tree = tree.replacen(&found[0], &paths.collect::<Vec<_>>().join(","), 1);
    }
    let paths = tree.split(',').map(str::trim);
    let paths = paths.filter(|path| !path.is_empty() && !path.ends_with("::"));
    paths.map(str::to_owned).collect()
}

/// Returns the `use` declarations of `text`: whether each is public, and its paths.
fn uses(text: &str) -> Uses {
    let declaration = Regex::new(r"(?:^|[;{})\]])\s*(pub(?:\(\w+\))?\s+)?use\s([^;]*)").unwrap();
    let found = declaration.captures_iter(text);
    found
        .map(|found| (found.get(1).is_some(), expand(&found[2])))
        .collect()
}

/// The module that defines what `path`, seen in `from`, leads to. Follows re-exports.
fn resolve(modules: &BTreeMap<Module, Uses>, from: &Module, path: &str) -> Option<Module> {
    let path = path.split(" as ").next()?.trim();
    let mut at = from.clone();
    for (index, segment) in path.split("::").map(str::trim).enumerate() {
        let child = [&at[..], &[segment.to_owned()]].concat();
        match segment {
            "crate" => at.clear(),
            "self" => {}
            "super" => drop(at.pop()),
            _ if modules.contains_key(&child) => at = child,
            // Another crate.
            _ if index == 0 => return None,
            _ => {
                let exported = modules[&at].iter().filter(|(public, _)| *public);
                let mut exported = exported.flat_map(|(_, paths)| paths);
                let is_named =
                    |path: &&String| path.rsplit("::").next().map(str::trim) == Some(segment);
                let exported = exported.find(is_named);
                return exported
                    .and_then(|path| resolve(modules, &at, path))
                    .or(Some(at));
            }
        }
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

fn crates() -> Vec<PathBuf> {
    let rooms = ["crates", "demos"].map(|room| fs::read_dir(root().join(room)).unwrap());
    let folders = rooms.into_iter().flatten().flatten();
    folders.map(|folder| folder.path()).collect()
}

#[test]
fn modules_do_not_import_each_other_in_a_cycle() {
    for krate in crates() {
        let found = modules(&krate.join("src"));
        let imports: BTreeMap<_, _> = found
            .iter()
            .map(|(module, text)| (module.clone(), uses(text)))
            .collect();
        let arrows: BTreeMap<_, BTreeSet<_>> = found
            .iter()
            .map(|(from, text)| {
                let private = imports[from].iter().filter(|(public, _)| !public);
                let targets = private.flat_map(|(_, paths)| paths);
                let targets = targets.filter_map(|path| resolve(&imports, from, path));
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
