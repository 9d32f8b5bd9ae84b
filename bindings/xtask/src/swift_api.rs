//! The Swift package's public API in one file, so that a review shows each change of it.

use std::collections::BTreeMap;

use serde_json::Value;

/// One line for each public declaration in a symbol graph of the Swift compiler: its members below it, indented, and what a
/// type conforms to.
pub(crate) fn summary(graph: &str) -> Result<String, String> {
    let graph: Value = serde_json::from_str(graph).map_err(|error| format!("the symbol graph: {error}"))?;
    let symbols = list(&graph["symbols"]);
    let paths: BTreeMap<_, _> = symbols.iter().map(|symbol| (id(symbol), path(symbol))).collect();
    let mut conforms: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let relationships = list(&graph["relationships"]).iter();
    for relationship in relationships.filter(|relationship| relationship["kind"] == "conformsTo") {
        // A protocol of another module has its name here. Those of this one are symbols.
        let protocol = match relationship["targetFallback"].as_str() {
            Some(name) => name.rsplit('.').next().unwrap_or(name).to_owned(),
            None => paths
                .get(word(&relationship["target"]))
                .map(|path| path.join("."))
                .unwrap_or_default(),
        };
        // Every type conforms to these.
        if !["Copyable", "Escapable"].contains(&protocol.as_str()) {
            conforms
                .entry(word(&relationship["source"]))
                .or_default()
                .push(protocol);
        }
    }
    let mut lines = Vec::new();
    // Without what the compiler adds, such as `!=` to each `==`.
    for symbol in symbols.iter().filter(|symbol| !id(symbol).contains("::SYNTHESIZED::")) {
        let path = path(symbol);
        let fragments = list(&symbol["declarationFragments"]).iter();
        let declaration: String = fragments.map(|fragment| word(&fragment["spelling"])).collect();
        let mut line =
            "    ".repeat(path.len().saturating_sub(1)) + &declaration.split_whitespace().collect::<Vec<_>>().join(" ");
        // A protocol's declaration has them already.
        if let Some(protocols) = conforms.get_mut(id(symbol)).filter(|_| !line.contains(" : ")) {
            protocols.sort_unstable();
            // It is there once more if another protocol requires it.
            protocols.dedup();
            line = format!("{line}: {}", protocols.join(", "));
        }
        lines.push((path, line + "\n"));
    }
    lines.sort_unstable();
    Ok(lines.into_iter().map(|(_, line)| line).collect())
}

fn id(symbol: &Value) -> &str {
    word(&symbol["identifier"]["precise"])
}

/// The names of the types around a symbol, and its own.
fn path(symbol: &Value) -> Vec<&str> {
    list(&symbol["pathComponents"]).iter().map(word).collect()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn word(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::files::text;
    use crate::workspace;

    /// DocC would put a type that is missing here at the end of the page, under its kind.
    #[test]
    fn every_public_swift_type_has_its_place_in_the_documentation() {
        let recorded = text(&workspace().join("bindings/api/swift.txt")).unwrap_or_default();
        let types: BTreeSet<_> = recorded
            .lines()
            .map(|line| line.trim_start_matches("@MainActor ").trim_start_matches("final "))
            .filter_map(|line| line.split_once(' '))
            .filter(|(kind, _)| ["class", "struct", "enum", "protocol"].contains(kind))
            .filter_map(|(_, rest)| rest.split([':', ' ']).next())
            .collect();
        let catalogue = "bindings/swift/Sources/CognitoSignOut/CognitoSignOut.docc/CognitoSignOut.md";
        let landing = text(&workspace().join(catalogue)).unwrap_or_default();
        let topics: BTreeSet<_> = landing
            .lines()
            .filter_map(|line| line.strip_prefix("- ``")?.strip_suffix("``"))
            .collect();
        assert!(!types.is_empty());
        assert_eq!(types, topics);
    }

    #[test]
    fn a_summary_has_each_declaration_below_its_type() {
        let graph = r#"{
            "symbols": [
                { "identifier": { "precise": "one" }, "pathComponents": ["Kind", "one"],
                  "declarationFragments": [{ "spelling": "case" }, { "spelling": " " }, { "spelling": "one" }] },
                { "identifier": { "precise": "Kind" }, "pathComponents": ["Kind"],
                  "declarationFragments": [{ "spelling": "enum" }, { "spelling": " " }, { "spelling": "Kind" }] },
                { "identifier": { "precise": "Named" }, "pathComponents": ["Named"],
                  "declarationFragments": [{ "spelling": "protocol" }, { "spelling": " " }, { "spelling": "Named" }] },
                { "identifier": { "precise": "ne::SYNTHESIZED::Kind" }, "pathComponents": ["Kind", "!=(_:_:)"],
                  "declarationFragments": [{ "spelling": "func" }] }
            ],
            "relationships": [
                { "kind": "conformsTo", "source": "Kind", "target": "s", "targetFallback": "Swift.Sendable" },
                { "kind": "conformsTo", "source": "Kind", "target": "c", "targetFallback": "Swift.Copyable" },
                { "kind": "conformsTo", "source": "Kind", "target": "Named" },
                { "kind": "memberOf", "source": "one", "target": "Kind" }
            ]
        }"#;
        assert_eq!(
            summary(graph),
            Ok("enum Kind: Named, Sendable\n    case one\nprotocol Named\n".into())
        );
        assert!(summary("{").is_err());
    }
}
