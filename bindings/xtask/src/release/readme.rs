//! The quick starts of README.md, for the consumers of a release.

use crate::files::text;
use crate::workspace;

/// The first snippet in this language.
pub(crate) fn snippet(language: &str) -> Result<String, String> {
    let readme = text(&workspace().join("README.md"))?;
    let mut blocks = readme
        .split("\n```")
        .skip(1)
        .step_by(2)
        .filter_map(|block| block.split_once('\n'));
    let found = blocks.find(|(info, _)| info.split(',').next() == Some(language));
    let (_, code) = found.ok_or_else(|| format!("README.md has no snippet in {language}"))?;
    Ok(code.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_quick_start_of_the_readme_is_found() {
        for (language, part) in [
            ("swift", "import CognitoSignOut"),
            ("kotlin", "AndroidAuth.create("),
            ("rust", "use cognito_signout::"),
        ] {
            let snippet = snippet(language).unwrap();
            assert!(snippet.contains(part) && !snippet.contains("```"), "{snippet}");
        }
        assert!(snippet("cobol").is_err());
    }
}
