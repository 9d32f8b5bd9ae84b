//! The Swift package's public API in one file, so that a change of it shows in review.

use std::fmt::Write;
use std::fs;
use std::path::Path;

/// Every public declaration of the sources, those of Apple's platforms included, without their bodies and their comments.
pub(crate) fn summary(sources: &Path) -> Result<String, String> {
    let failed = |error: std::io::Error| format!("{}: {error}", sources.display());
    let mut files: Vec<_> = fs::read_dir(sources)
        .map_err(failed)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "swift"))
        .collect();
    files.sort();
    let mut summary = String::new();
    for file in files {
        let declared = declarations(&fs::read_to_string(&file).map_err(failed)?);
        if !declared.is_empty() {
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            let _ = write!(summary, "// {name}\n{declared}\n");
        }
    }
    Ok(summary)
}

/// Works on sources that are laid out as ours: one declaration a line, or several of which all but the last end within parentheses.
fn declarations(source: &str) -> String {
    let mut summary = String::new();
    let mut lines = source.lines();
    // The public enum or protocol whose cases or requirements are part of it: how deep it is, and how they begin.
    let mut open: Option<(usize, &[&str])> = None;
    while let Some(line) = lines.next() {
        let (depth, words) = (line.len() - line.trim_start().len(), line.trim());
        if open.is_some_and(|(outer, _)| depth <= outer && words == "}") {
            open = None;
        }
        let member = open.is_some_and(|(outer, starts)| depth == outer + 4 && starts_with(words, starts));
        // What a type conforms to is part of it, wherever it is said; and so is on which platforms there is what.
        let context = starts_with(line, &["extension ", "#if ", "#else", "#endif"]);
        if !(words.starts_with("public ") || member || context) {
            continue;
        }
        let mut declaration = line.trim_end().to_owned();
        while declaration.matches('(').count() > declaration.matches(')').count() {
            let Some(more) = lines.next() else { break };
            let space = if declaration.ends_with('(') || more.trim().starts_with(')') {
                ""
            } else {
                " "
            };
            declaration.push_str(space);
            declaration.push_str(more.trim());
        }
        if declaration.contains("public enum ") {
            open = Some((depth, &["case "]));
        } else if declaration.contains("public protocol ") {
            open = Some((depth, &["func ", "var "]));
        }
        summary.push_str(without_body(&declaration));
        summary.push('\n');
    }
    summary
}

fn starts_with(line: &str, words: &[&str]) -> bool {
    words.iter().any(|word| line.starts_with(word))
}

fn without_body(declaration: &str) -> &str {
    let end = declaration.find(" {").unwrap_or(declaration.len());
    let requirement = declaration.contains("{ get");
    declaration[..if requirement { declaration.len() } else { end }].trim_end()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::env;

    use super::*;
    use crate::workspace;

    /// `UPDATE_API=1 cargo test -p xtask` records it anew.
    #[test]
    fn the_swift_api_is_what_is_on_record() {
        let recorded = workspace().join("bindings/api/swift.txt");
        let summary = summary(&workspace().join("bindings/swift/Sources/CognitoSignOut")).unwrap_or_default();
        if env::var_os("UPDATE_API").is_some() {
            let _ = fs::create_dir_all(workspace().join("bindings/api"));
            assert!(fs::write(&recorded, &summary).is_ok());
        }
        let recorded = fs::read_to_string(recorded).unwrap_or_default();
        assert!(
            summary == recorded,
            "the public API has changed; if that is meant: UPDATE_API=1 cargo test -p xtask\n{summary}"
        );
    }

    /// DocC would list the rest at the end, by its kind.
    #[test]
    fn every_public_swift_type_has_its_place_in_the_documentation() {
        let recorded = fs::read_to_string(workspace().join("bindings/api/swift.txt")).unwrap_or_default();
        let types: BTreeSet<_> = recorded
            .lines()
            .filter_map(|line| {
                line.strip_prefix("public ")?
                    .trim_start_matches("final ")
                    .split_once(' ')
            })
            .filter(|(kind, _)| ["class", "struct", "enum", "protocol"].contains(kind))
            .filter_map(|(_, rest)| rest.split(':').next())
            .collect();
        let catalogue = "bindings/swift/Sources/CognitoSignOut/CognitoSignOut.docc/CognitoSignOut.md";
        let landing = fs::read_to_string(workspace().join(catalogue)).unwrap_or_default();
        let topics: BTreeSet<_> = landing
            .lines()
            .filter_map(|line| line.strip_prefix("- ``")?.strip_suffix("``"))
            .collect();
        assert!(!types.is_empty());
        assert_eq!(types, topics);
    }

    #[test]
    fn declarations_are_told_without_bodies_comments_or_what_is_not_public() {
        let source = "\
/// Said.
public enum Kind: Sendable {
    /// One.
    case one
    case two(
        first: Int
    )
    var hidden: Int { 1 }

    public var known: Int {
        switch self {
        case .one: 1
        case let .two(first): first
        }
    }
    init() {}
}
struct Hidden {}
";
        let expected = "\
public enum Kind: Sendable
    case one
    case two(first: Int)
    public var known: Int
";
        assert_eq!(declarations(source), expected);
    }
}
