//! The documentation as one site, for GitHub Pages: the guides as a book, and the reference of each language.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::files::{copy, copy_folder, remove, text, write};
use crate::process::{cargo, run_aloud};
use crate::tools::{MAVEN, MDBOOK, SWIFT};
use crate::{REPOSITORY, VERSION, archive, bindgen, kotlin, rust_api, swift, workspace};

/// Where in the site each part is, and its name for readers.
const PARTS: &[(&str, &str)] = &[
    ("guides/index.html", "Guides"),
    ("rust/cognito_signout/index.html", "Rust"),
    ("swift/documentation/cognitosignout/index.html", "Swift"),
    ("kotlin/cognito-signout-core/index.html", "Kotlin and Java"),
    ("kotlin/cognito-signout-android/index.html", "Kotlin on Android"),
    (
        "kotlin/cognito-signout-testing/index.html",
        "Kotlin, for the tests of apps",
    ),
];

/// Builds it in `target/site`.
pub(crate) fn build() -> Result<(), String> {
    for tool in [&MDBOOK, &SWIFT, &MAVEN] {
        tool.require()?;
    }
    let target = bindgen::folders()?.1;
    let site = target.join("site");
    remove(&site)?;
    guides(&target.join("site-guides"), &site.join("guides"))?;

    // Otherwise it also has what was documented with other features.
    remove(&target.join("doc"))?;
    cargo(&["doc", "--no-deps", "--features", rust_api::FEATURES], &[])?;
    copy_folder(&target.join("doc"), &site.join("rust"))?;

    copy_folder(&swift::document()?, &site.join("swift"))?;

    kotlin::generate()?;
    kotlin::compile(&target, "core,testing,android", true)?;
    for (module, name) in [
        ("cognito-signout-core", "cognito-signout-core"),
        ("cognito-signout-android-classes", "cognito-signout-android"),
        ("cognito-signout-testing", "cognito-signout-testing"),
    ] {
        let documentation = target.join("kotlin").join(module).join("documentation");
        copy_folder(&documentation, &site.join("kotlin").join(name))?;
    }

    write(&site.join("index.html"), first_page().as_bytes())?;
    match PARTS.iter().find(|(page, _)| !site.join(page).is_file()) {
        Some((page, name)) => Err(format!("the site has no {page}: {name}")),
        None => {
            println!("site: {}", site.display());
            Ok(())
        }
    }
}

fn first_page() -> String {
    let links: String = PARTS
        .iter()
        .map(|(page, name)| format!("<li><a href=\"{page}\">{name}</a></li>\n"))
        .collect();
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>cognito-signout {VERSION}</title>\n\
         <h1>cognito-signout {VERSION}</h1>\n<ul>\n{links}</ul>\n<p><a href=\"{REPOSITORY}\">The repository</a></p>\n</html>\n"
    )
}

/// The folder `docs` as a book.
fn guides(source: &Path, book: &Path) -> Result<(), String> {
    let docs = workspace().join("docs");
    remove(source)?;
    for file in archive::files(&docs)? {
        let (from, to) = (docs.join(&file), source.join(&file));
        match file.ends_with(".md") {
            true => write(
                &to,
                with_whole_links(&text(&from)?, file.matches('/').count()).as_bytes(),
            )?,
            false => copy(&from, &to)?,
        }
    }
    run_aloud(
        Command::new(MDBOOK.folder().join("bin/mdbook"))
            .arg("build")
            .arg(source)
            .arg("--dest-dir")
            .arg(book),
    )?;
    for page in archive::files(book)?.iter().filter(|file| file.ends_with(".html")) {
        check_links(book, page)?;
    }
    Ok(())
}

/// A link out of `docs` leads nowhere in a book. So it gets the repository's address. `depth`: how many folders below `docs` the
/// page is.
fn with_whole_links(page: &str, depth: usize) -> String {
    let out = "../".repeat(depth + 1);
    let address = format!("{REPOSITORY}/blob/main/");
    ["](", "]: "].iter().fold(page.to_owned(), |page, before| {
        page.replace(&format!("{before}{out}"), &format!("{before}{address}"))
    })
}

/// An error if a page has a link to a page that is not there.
fn check_links(book: &Path, page: &str) -> Result<(), String> {
    let html = text(&book.join(page))?;
    let folder: PathBuf = book.join(page).parent().map(Path::to_owned).unwrap_or_default();
    let links = html
        .split("<a href=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next());
    let mut pages = links
        .filter_map(|link| link.split('#').next())
        .filter(|link| !link.is_empty() && !link.contains(':'));
    match pages.find(|link| !folder.join(link).exists()) {
        Some(link) => Err(format!("{page} has a link that leads nowhere: {link}")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_out_of_the_guides_leads_to_the_repository() {
        let page = "[a](../README.md), [b](limits.md#x), [c](https://a/../b)\n\n[d]: ../examples/ios\n";
        assert_eq!(
            with_whole_links(page, 0),
            format!(
                "[a]({REPOSITORY}/blob/main/README.md), [b](limits.md#x), [c](https://a/../b)\n\n[d]: {REPOSITORY}/blob/main/examples/ios\n"
            )
        );
        let deeper = "[a](../README.md) [b](../../README.md)";
        assert_eq!(
            with_whole_links(deeper, 1),
            format!("[a](../README.md) [b]({REPOSITORY}/blob/main/README.md)")
        );
    }

    #[test]
    fn a_link_to_a_page_that_is_not_there_is_an_error() {
        let book = std::env::temp_dir().join(format!("xtask-site-{}", std::process::id()));
        let page = |html: &str| write(&book.join("moving/a.html"), html.as_bytes()).unwrap();
        page("<a href=\"a.html#here\"><a href=\"#there\"><a href=\"https://example.com\"><a href=\"../moving\">");
        assert_eq!(check_links(&book, "moving/a.html"), Ok(()));
        page("<a href=\"a.html\"> <a href=\"../b.html\">");
        let error = check_links(&book, "moving/a.html").unwrap_err();
        assert!(error.ends_with("leads nowhere: ../b.html"), "{error}");
        remove(&book).unwrap();
    }
}
