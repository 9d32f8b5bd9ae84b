//! The rules by which Maven Central's Portal validates a bundle: <https://central.sonatype.org/publish/requirements/> and
//! <https://central.sonatype.org/publish/publish-portal-upload/>. A bundle that it refuses has to be built and uploaded again.

use std::collections::{BTreeMap, BTreeSet};

use roxmltree::{Document, Node};

use super::checksums;
use crate::maven::GROUP;

/// The largest bundle, in bytes.
const LARGEST: u64 = 1_000_000_000;

/// The content of each file, by its path.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// Each rule that a bundle of this size breaks, in words. `is_signed` says whether a file has a signature that fits.
pub(crate) fn broken(size: u64, files: &Files, is_signed: &dyn Fn(&str) -> bool) -> Vec<String> {
    let mut broken = Vec::new();
    if size > LARGEST {
        broken.push(format!("the bundle has {size} bytes, more than 1 GB"));
    }
    let mut homes = BTreeSet::new();
    for (name, content) in files {
        if let Some(what) = is_beside(name) {
            let file = &name[..name.len() - what.len() - 1];
            if !files.contains_key(file) {
                broken.push(format!("{name} is beside no file"));
            }
            continue;
        }
        match name.rsplit_once('/') {
            Some((folder, _)) => drop(homes.insert(folder)),
            None => broken.push(format!("{name} is in no folder")),
        }
        broken.extend(checksums(name, content, files));
        if !files.contains_key(&format!("{name}.asc")) {
            broken.push(format!("{name} has no signature"));
        } else if !is_signed(name) {
            broken.push(format!("{name} has the signature of something else"));
        }
    }
    if homes.is_empty() {
        broken.push("the bundle has no component".into());
    }
    for home in homes {
        broken.extend(component(home, files));
    }
    broken
}

/// The ending of a checksum or a signature.
fn is_beside(name: &str) -> Option<&'static str> {
    let mut endings = checksums::ALL.iter().map(|(ending, _)| *ending).chain(["asc"]);
    endings.find(|ending| name.rsplit_once('.').is_some_and(|(_, last)| last == *ending))
}

fn checksums(name: &str, content: &[u8], files: &Files) -> Vec<String> {
    let wrong = checksums::ALL.iter().filter_map(|(ending, checksum)| {
        let is_required = ["md5", "sha1"].contains(ending);
        match files.get(&format!("{name}.{ending}")) {
            None if is_required => Some(format!("{name} has no {ending}")),
            Some(there) if *there != checksum(content).into_bytes() => Some(format!("{name} has another {ending}")),
            _ => None,
        }
    });
    wrong.collect()
}

/// One folder of the repository: one version of one artefact.
fn component(home: &str, files: &Files) -> Vec<String> {
    let mut words: Vec<&str> = home.split('/').collect();
    let (Some(version), Some(artefact)) = (words.pop(), words.pop()) else {
        return vec![format!("{home} is not a folder of the repository's layout")];
    };
    let group = words.join(".");
    let stem = format!("{home}/{artefact}-{version}");
    let mut broken = Vec::new();
    let has = |ending: &str| files.contains_key(&format!("{stem}{ending}"));
    let in_it = |name: &&String| name.rsplit_once('/').is_some_and(|(folder, _)| folder == home);
    for name in files.keys().filter(in_it).filter(|name| is_beside(name).is_none()) {
        if !name
            .strip_prefix(&stem)
            .is_some_and(|rest| rest.starts_with(['.', '-']))
        {
            broken.push(format!("{name} does not begin with {artefact}-{version}"));
        }
    }
    if group != GROUP {
        broken.push(format!("{home} is outside of our namespace, {GROUP}"));
    }
    if version.ends_with("-SNAPSHOT") {
        broken.push(format!("{home} is a snapshot"));
    }
    let Some(pom) = files.get(&format!("{stem}.pom")) else {
        broken.push(format!("{home} has no POM"));
        return broken;
    };
    let pom = String::from_utf8_lossy(pom);
    let document = match Document::parse(&pom) {
        Ok(document) => document,
        Err(error) => {
            broken.push(format!("{stem}.pom: {error}"));
            return broken;
        }
    };
    let project = document.root_element();
    for (path, expected) in [
        ("groupId", group.as_str()),
        ("artifactId", artefact),
        ("version", version),
    ] {
        if value(project, path) != Some(expected) {
            broken.push(format!("{stem}.pom: its {path} is not that of its folder"));
        }
    }
    broken.extend(
        metadata(project)
            .into_iter()
            .map(|problem| format!("{stem}.pom: {problem}")),
    );
    let packaging = value(project, "packaging").unwrap_or("jar");
    if packaging != "pom" {
        let needed = [&format!(".{packaging}"), "-sources.jar", "-javadoc.jar"];
        let missing = needed.into_iter().filter(|ending| !has(ending));
        broken.extend(missing.map(|ending| format!("{home} has no {artefact}-{version}{ending}")));
    }
    broken
}

/// What each POM must say, with each value in it: one taken from a parent would have to be on Maven Central too.
fn metadata(project: Node) -> Vec<String> {
    let mut broken = Vec::new();
    for path in [
        "name",
        "description",
        "url",
        "licenses/license/name",
        "licenses/license/url",
        "developers/developer/name",
        "scm/connection",
        "scm/url",
    ] {
        if value(project, path).is_none() {
            broken.push(format!("it has no {path}"));
        }
    }
    for dependency in project
        .descendants()
        .filter(|node| node.has_tag_name((NAMESPACE, "dependency")))
    {
        if value(dependency, "version").is_none() {
            let name = value(dependency, "artifactId").unwrap_or("a dependency");
            broken.push(format!("{name} has no version"));
        }
    }
    for text in project
        .descendants()
        .filter(Node::is_text)
        .filter_map(|node| node.text())
    {
        if text.contains("${") {
            broken.push(format!("{} is not filled in", text.trim()));
        }
    }
    broken
}

const NAMESPACE: &str = "http://maven.apache.org/POM/4.0.0";

/// The text of the element at this path, if it has any.
fn value<'a>(node: Node<'a, '_>, path: &str) -> Option<&'a str> {
    let found = path.split('/').try_fold(node, |node, name| {
        node.children().find(|child| child.has_tag_name((NAMESPACE, name)))
    });
    found?.text().map(str::trim).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests;
