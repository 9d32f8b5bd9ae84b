//! The folders of `src/` are the architecture: each module uses only modules below it. This test reads the imports and
//! fails on one that goes up. CONTRIBUTING.md draws the same layers and says what belongs into each folder.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// From the bottom up. A module uses only modules that are named before it.
const LAYERS: &[(&str, &[&str])] = &[
    (
        "words",
        &[
            "lock",
            "secret",
            "json",
            "spelling",
            "clock",
            "end_reason",
            "error",
            "stream",
            "app_reason",
            "events",
            "url_policy",
            "task",
        ],
    ),
    ("values", &["claims", "session", "options", "config", "adopt"]),
    ("ports", &["transport", "vault", "source"]),
    ("services", &["cognito", "browser"]),
    ("record", &["record"]),
    ("sign-out", &["sign_out"]),
    ("handle", &["auth"]),
    ("faces", FACES),
];

/// What the outside sees. Faces never use each other. They alone import by public names (`crate::ErrorCode`): other modules
/// name the module (`crate::error::ErrorCode`), so that an import says where a thing lives. `c_abi` is the one face that stands on
/// another: on `ffi`, so that nothing is compiled twice.
const FACES: &[&str] = &["guides", "fake_cognito", "admin", "ffi", "c_abi"];

#[test]
fn no_import_goes_up() {
    let wrong: Vec<String> = product_files().iter().flat_map(imports_that_go_up).collect();
    assert!(wrong.is_empty(), "imports that break the layers:\n{}", wrong.join("\n"));
}

#[test]
fn an_import_that_goes_up_is_found_however_it_is_written() {
    for (path, code, rule) in [
        (
            "config/check.rs",
            "use crate::auth::Auth;",
            "uses only modules below it",
        ),
        (
            "config/check.rs",
            "fn f() -> crate::auth::Auth { todo!() }",
            "uses only modules below it",
        ),
        (
            "vault/keychain/mod.rs",
            "use super::super::{claims, record::Debt};",
            "uses only modules below it",
        ),
        (
            "vault/keychain/mod.rs",
            "use crate::{error, sign_out::{Run, Driver}};",
            "uses only modules below it",
        ),
        (
            "error.rs",
            "fn f() { log!(\"{}\", crate::claims::LIMIT) }",
            "uses only modules below it",
        ),
        ("claims.rs", "use crate::ErrorCode;", "name the module"),
        (
            "ffi/auth.rs",
            "use crate::admin::AdminClient;",
            "faces never use each other",
        ),
        ("ffi/auth.rs", "use crate::c_abi::Kind;", "faces never use each other"),
        (
            "c_abi/calls.rs",
            "use crate::admin::AdminClient;",
            "faces never use each other",
        ),
        ("attic.rs", "use crate::error::ErrorCode;", "has no layer"),
    ] {
        let found = imports_that_go_up(&Source::new(path.into(), code)).join("\n");
        assert!(
            found.contains(rule) && found.contains(path),
            "{path}: {code}: {found:?}"
        );
    }
    for (path, code) in [
        (
            "auth/mod.rs",
            "use crate::config::AuthConfig; use super::vault; use self::error::AuthError;",
        ),
        ("config/check.rs", "/// See [`crate::auth`].\nfn f() {} // crate::auth"),
        (
            "error.rs",
            "#[cfg(test)] mod tests { use crate::auth::Auth; } #[cfg(test)] mod more;",
        ),
        ("ffi/auth.rs", "use crate::{Auth, vault::Vault}; use crate::Secret;"),
        ("c_abi/calls.rs", "use crate::ffi::Auth; use crate::Secret;"),
    ] {
        assert_eq!(
            imports_that_go_up(&Source::new(path.into(), code)),
            [""; 0],
            "{path}: {code}"
        );
    }
}

#[test]
fn no_files_use_each_other_in_a_circle() {
    let files = product_files();
    let circles = circles(&files);
    assert!(
        circles.is_empty(),
        "files that use each other in a circle:\n{}",
        circles.join("\n")
    );
}

#[test]
fn a_circle_of_files_is_found() {
    let files = [
        Source::new("vault/mod.rs".into(), "use items::Items;"),
        Source::new("vault/error.rs".into(), "use super::native;"),
        Source::new("vault/native/mod.rs".into(), "use android::open;"),
        Source::new(
            "vault/native/android.rs".into(),
            "use super::super::items::{Items, OpenStore};",
        ),
        Source::new(
            "vault/items.rs".into(),
            "use crate::vault::error::vault_error; use super::VaultError;",
        ),
    ];
    assert_eq!(
        circles(&files),
        [""; 0],
        "a folder's mod.rs gathers its files: what it uses makes no circle"
    );
    let closed = Source::new("vault/native/mod.rs".into(), "use super::items::OpenStore;");
    let [first, second, _, fourth, fifth] = files;
    let found = circles(&[first, second, closed, fourth, fifth]).join("\n");
    assert!(
        found.contains("vault::error -> vault::native -> vault::items -> vault::error"),
        "{found}"
    );
}

#[test]
fn contributing_draws_these_layers() {
    let text = fs::read_to_string("CONTRIBUTING.md").unwrap();
    let section = text
        .split("\n## ")
        .find(|section| section.starts_with("The layers"))
        .unwrap();
    let cells = section
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.split(" |").next());
    let mut drawn: Vec<(String, Vec<String>)> = Vec::new();
    for cell in cells.skip_while(|cell| !cell.starts_with("**")) {
        let names = |cell: &str| -> Vec<String> {
            let quoted = cell.split('`').skip(1).step_by(2);
            quoted
                .map(|name| name.trim_end_matches('/').trim_end_matches(".rs").to_owned())
                .collect()
        };
        match cell.strip_prefix("**") {
            Some(layer) => drawn.push((layer.trim_end_matches("**").to_owned(), Vec::new())),
            None => drawn.last_mut().unwrap().1.extend(names(cell)),
        }
    }
    drawn.reverse();
    let layers = LAYERS
        .iter()
        .map(|(layer, modules)| (layer.to_string(), modules.iter().map(|name| name.to_string()).collect()));
    assert_eq!(drawn, layers.collect::<Vec<_>>());
}

struct Source {
    /// Below `src/`.
    path: PathBuf,
    code: TokenStream,
}

impl Source {
    fn new(path: PathBuf, code: &str) -> Self {
        let code = code
            .parse()
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Self { path, code }
    }

    /// The path of modules to this file.
    fn modules(&self) -> Vec<String> {
        let path = self.path.with_extension("");
        let names = path.iter().map(|name| name.to_string_lossy().into_owned());
        names.filter(|name| name != "mod").collect()
    }
}

/// The files of `src/` but the tests, and `lib.rs`, which stands above all layers.
fn product_files() -> Vec<Source> {
    fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true if path.ends_with("tests") => {}
                true => walk(&path, files),
                false => files.push(path),
            }
        }
    }
    let src = Path::new("src");
    let mut files = Vec::new();
    walk(src, &mut files);
    let below = |path: &Path| path.strip_prefix(src).unwrap().to_owned();
    let product = files
        .iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"));
    let product = product.filter(|path| !path.ends_with("tests.rs") && **path != src.join("lib.rs"));
    product
        .map(|path| Source::new(below(path), &fs::read_to_string(path).unwrap()))
        .collect()
}

fn imports_that_go_up(file: &Source) -> Vec<String> {
    let order: Vec<&str> = LAYERS.iter().flat_map(|(_, modules)| *modules).copied().collect();
    let height = |module: &str| order.iter().position(|name| *name == module);
    let modules = file.modules();
    let own = modules[0].as_str();
    let Some(own_height) = height(own) else {
        return vec![format!(
            "src/{}: `{own}` has no layer: name it in tests/layers.rs",
            file.path.display()
        )];
    };
    let is_face = |module: &str| FACES.contains(&module);
    let broken_rule = |used: &str| match height(used) {
        None if is_face(own) => None,
        None => Some("only faces import by public names: name the module"),
        Some(_) if used == own => None,
        Some(_) if (own, used) == ("c_abi", "ffi") => None,
        Some(_) if is_face(used) && is_face(own) => Some("faces never use each other"),
        Some(used_height) if used_height > own_height => Some("a module uses only modules below it"),
        Some(_) => None,
    };
    let used: BTreeSet<String> = used_paths(file)
        .into_iter()
        .filter_map(|path| path.into_iter().next())
        .collect();
    let wrong = used.iter().filter_map(|used| Some((used, broken_rule(used)?)));
    wrong
        .map(|(used, rule)| format!("src/{}: crate::{used}: {rule}", file.path.display()))
        .collect()
}

/// Files that use each other in a circle. A file and the `mod.rs` of a folder around it may.
fn circles(files: &[Source]) -> Vec<String> {
    let modules: BTreeSet<Vec<String>> = files.iter().map(Source::modules).collect();
    let file_of = |path: Vec<String>| {
        (1..=path.len())
            .rev()
            .map(|length| path[..length].to_vec())
            .find(|path| modules.contains(path))
    };
    let mut uses: BTreeMap<Vec<String>, BTreeSet<Vec<String>>> = BTreeMap::new();
    for file in files {
        let own = file.modules();
        let used = used_paths(file).into_iter().filter_map(file_of);
        let others = used.filter(|used| !own.starts_with(used) && !used.starts_with(&own));
        uses.insert(own.clone(), others.collect());
    }
    let mut found = Vec::new();
    for start in uses.keys() {
        let mut ways = vec![vec![start]];
        let mut seen = BTreeSet::new();
        while let Some(way) = ways.pop() {
            for next in &uses[way[way.len() - 1]] {
                let mut longer = way.clone();
                longer.push(next);
                if next == start {
                    let names: Vec<String> = longer.iter().map(|module| module.join("::")).collect();
                    found.push(names.join(" -> "));
                } else if seen.insert(next) {
                    ways.push(longer);
                }
            }
        }
    }
    found
}

/// What the file names by a path from the crate's root, by `crate::…` or by `super::…`, in imports and elsewhere.
fn used_paths(file: &Source) -> BTreeSet<Vec<String>> {
    let mut used = BTreeSet::new();
    paths_in(file.code.clone(), &file.modules(), &mut used);
    used
}

fn paths_in(code: TokenStream, here: &[String], used: &mut BTreeSet<Vec<String>>) {
    let tokens: Vec<TokenTree> = code.into_iter().collect();
    let is_super = |token: &TokenTree| matches!(token, TokenTree::Ident(name) if name == "super");
    let mut at = 0;
    while at < tokens.len() {
        if is_test_only(&tokens[at..]) {
            at += 2 + item_length(&tokens[at + 2..]);
            continue;
        }
        match &tokens[at] {
            TokenTree::Ident(name) if name == "crate" => ends_of(&tokens[at + 1..], &[], used),
            token if is_super(token) => {
                let mut above = here.len() - 1;
                while is_path(&tokens[at + 1..]) && is_super(&tokens[at + 3]) && above > 0 {
                    above -= 1;
                    at += 3;
                }
                ends_of(&tokens[at + 1..], &here[..above], used);
            }
            TokenTree::Ident(name) if name == "mod" => {
                if let [TokenTree::Ident(inner), TokenTree::Group(items), ..] = &tokens[at + 1..] {
                    paths_in(items.stream(), &[here, &[inner.to_string()]].concat(), used);
                    at += 2;
                }
            }
            TokenTree::Group(group) => paths_in(group.stream(), here, used),
            _ => {}
        }
        at += 1;
    }
}

/// The paths that begin with `start` and go on with `rest`: one, or one for each branch within braces.
fn ends_of(rest: &[TokenTree], start: &[String], used: &mut BTreeSet<Vec<String>>) {
    if !is_path(rest) {
        used.extend((!start.is_empty()).then(|| start.to_vec()));
        return;
    }
    match &rest[2] {
        TokenTree::Ident(name) => ends_of(&rest[3..], &[start, &[name.to_string()]].concat(), used),
        TokenTree::Group(group) => {
            let tokens: Vec<TokenTree> = group.stream().into_iter().collect();
            for branch in tokens.split(|token| is_punctuation(token, ',')) {
                // A branch is what follows a `::`.
                ends_of(&[&rest[..2], branch].concat(), start, used);
            }
        }
        _ => used.extend((!start.is_empty()).then(|| start.to_vec())),
    }
}

fn is_punctuation(token: &TokenTree, character: char) -> bool {
    matches!(token, TokenTree::Punct(punctuation) if punctuation.as_char() == character)
}

fn is_path(rest: &[TokenTree]) -> bool {
    rest.len() > 2 && is_punctuation(&rest[0], ':') && is_punctuation(&rest[1], ':')
}

/// `#[cfg(test)]` or `#[cfg(all(test, …))]`, before an item.
fn is_test_only(rest: &[TokenTree]) -> bool {
    matches!(rest, [hash, TokenTree::Group(attribute), ..]
        if is_punctuation(hash, '#') && attribute.stream().to_string().replace(' ', "").trim_start_matches("cfg(all(").trim_start_matches("cfg(").starts_with("test"))
}

/// Up to the `;` or the braces that end it.
fn item_length(rest: &[TokenTree]) -> usize {
    let ends = |token: &TokenTree| {
        is_punctuation(token, ';') || matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace)
    };
    rest.iter().position(ends).map_or(rest.len(), |end| end + 1)
}
