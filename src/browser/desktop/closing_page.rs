//! The last page that the browser shows. It is rendered for each language when the browser is built.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha256};

use super::response;
use crate::browser::ClosingTexts;
use crate::config::ConfigError;

/// The whole response, headers included.
const MAX_RESPONSE_BYTES: usize = 2048;

/// Text has a contrast of at least 4.5:1 and the mark of at least 3:1, in light and dark (WCAG 2.2, 1.4.3 and 1.4.11).
const STYLE: &str = "\
:root{color-scheme:light dark}\
body{margin:0;min-height:100vh;display:grid;place-items:center;font:1.125rem/1.5 system-ui,sans-serif;\
background:#fff;color:#1f2328}\
main{padding:2rem;max-width:28rem;text-align:center;text-wrap:balance;overflow-wrap:anywhere}\
svg{width:4rem;fill:none;stroke:#1a7f37;stroke-width:2}\
.no{stroke:#b3261e}\
h1{font-size:1.5rem;margin:.25rem 0 1rem}p{margin:1rem 0 0}\
@media(prefers-color-scheme:dark){body{background:#0d1117;color:#e6edf3}svg{stroke:#3fb950}.no{stroke:#f85149}}";

const CHECK: &str =
    r#"<svg viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="11"/><path d="m7 12 4 4 6-8"/></svg>"#;
const CROSS: &str = r#"<svg class="no" viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="11"/><path d="m8 8 8 8m0-8-8 8"/></svg>"#;

/// Languages that are written from right to left, if the tag has no script (CLDR).
const RIGHT_TO_LEFT: [&str; 12] = ["ar", "ckb", "dv", "fa", "he", "iw", "ps", "sd", "syr", "ug", "ur", "yi"];
const RIGHT_TO_LEFT_SCRIPTS: [&str; 7] = ["Adlm", "Arab", "Hebr", "Nkoo", "Rohg", "Syrc", "Thaa"];

/// The app's settings for the closing page.
#[derive(Debug, Clone, Default)]
pub(super) struct Settings {
    pub(super) app_name: Option<String>,
    pub(super) texts: Vec<ClosingTexts>,
    /// The app's own documents.
    pub(super) signed_out: Option<String>,
    pub(super) not_signed_out: Option<String>,
}

/// The closing pages as whole responses.
#[derive(Debug, Clone)]
pub(super) struct Pages {
    signed_out: Page,
    not_signed_out: Page,
}

#[derive(Debug, Clone)]
enum Page {
    /// The page in each language. A browser that asks for none of the languages gets the first page.
    BuiltIn(Vec<(String, Vec<u8>)>),
    /// The app's own document.
    Own(Vec<u8>),
}

impl Default for Pages {
    fn default() -> Self {
        Settings::default().render()
    }
}

impl Pages {
    /// # Errors
    /// [`ConfigError::Invalid`] for a name or a text that does not fit into the page.
    pub(super) fn new(settings: &Settings) -> Result<Self, ConfigError> {
        settings.check()?;
        let pages = settings.render();
        for page in [&pages.signed_out, &pages.not_signed_out] {
            let Page::BuiltIn(languages) = page else { continue };
            if let Some((language, _)) = languages.iter().find(|(_, page)| page.len() > MAX_RESPONSE_BYTES) {
                let has_texts = settings.texts.iter().any(|texts| texts.language == *language);
                let field = match has_texts {
                    true => format!("closing_texts.{language}"),
                    false => "app_name".to_owned(),
                };
                let must = "shorter: the closing page with its headers may have 2,048 bytes";
                return Err(ConfigError::invalid(&field, must));
            }
        }
        Ok(pages)
    }

    /// The response for a browser with this `Accept-Language`.
    pub(super) fn closing(&self, signed_out: bool, accept_language: &str) -> Vec<u8> {
        let page = if signed_out {
            &self.signed_out
        } else {
            &self.not_signed_out
        };
        match page {
            Page::Own(page) => page.clone(),
            Page::BuiltIn(languages) => {
                let tags: Vec<_> = languages.iter().map(|(tag, _)| tag.as_str()).collect();
                languages[choose(&tags, accept_language)].1.clone()
            }
        }
    }
}

impl Settings {
    fn check(&self) -> Result<(), ConfigError> {
        if let Some(name) = &self.app_name {
            check_text("app_name", name)?;
        }
        for texts in &self.texts {
            if !is_language_tag(&texts.language) {
                let must = "a BCP 47 language tag, such as de or pt-BR";
                return Err(ConfigError::invalid("closing_texts.language", must));
            }
            for (field, text) in [
                ("signed_out", &texts.signed_out),
                ("signed_out_next", &texts.signed_out_next),
                ("not_signed_out", &texts.not_signed_out),
                ("not_signed_out_next", &texts.not_signed_out_next),
            ] {
                check_text(&format!("closing_texts.{}.{field}", texts.language), text)?;
            }
        }
        Ok(())
    }

    fn render(&self) -> Pages {
        let name = self.app_name.as_deref();
        // If a language is given twice, the last one counts.
        let mut languages: Vec<ClosingTexts> = vec![english(name)];
        for texts in &self.texts {
            match languages
                .iter_mut()
                .find(|known| known.language.eq_ignore_ascii_case(&texts.language))
            {
                Some(known) => *known = texts.clone(),
                None => languages.push(texts.clone()),
            }
        }
        let style = format!("'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(STYLE)));
        let page = |own: &Option<String>, html: &dyn Fn(&ClosingTexts) -> String| match own {
            Some(html) => Page::Own(response::page(html, "'unsafe-inline'")),
            None => {
                let pages = languages
                    .iter()
                    .map(|texts| (texts.language.clone(), response::page(&html(texts), &style)));
                Page::BuiltIn(pages.collect())
            }
        };
        Pages {
            signed_out: page(&self.signed_out, &|texts| {
                document(&texts.language, name, CHECK, &texts.signed_out, &texts.signed_out_next)
            }),
            not_signed_out: page(&self.not_signed_out, &|texts| {
                document(
                    &texts.language,
                    name,
                    CROSS,
                    &texts.not_signed_out,
                    &texts.not_signed_out_next,
                )
            }),
        }
    }
}

/// The words of the library.
fn english(app_name: Option<&str>) -> ClosingTexts {
    let app = app_name.unwrap_or("the app");
    ClosingTexts {
        language: "en".to_owned(),
        signed_out: "You are signed out".to_owned(),
        signed_out_next: format!("You can close this window and return to {app}."),
        not_signed_out: "The sign-out did not finish".to_owned(),
        not_signed_out_next: format!("You may still be signed in. Return to {app} and sign out again."),
    }
}

/// A text must be one line, because it becomes a title or a heading.
fn check_text(field: &str, text: &str) -> Result<(), ConfigError> {
    if text.trim().is_empty() || text.chars().any(char::is_control) {
        return Err(ConfigError::invalid(field, "one line of text, and not empty"));
    }
    Ok(())
}

/// The shape of all tags (RFC 5646, section 2.1): subtags of 1 to 8 letters and digits, and the first has only letters.
fn is_language_tag(tag: &str) -> bool {
    let is_subtag = |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let language = tag.split('-').next().unwrap_or_default();
    tag.split('-').all(is_subtag) && language.len() >= 2 && language.bytes().all(|byte| byte.is_ascii_alphabetic())
}

fn direction(tag: &str) -> &'static str {
    let mut subtags = tag.split('-');
    let language = subtags.next().unwrap_or_default();
    // A script has four letters. After a subtag of one letter, four letters can mean anything.
    let script = subtags
        .take_while(|subtag| subtag.len() > 1)
        .find(|subtag| subtag.len() == 4 && subtag.bytes().all(|byte| byte.is_ascii_alphabetic()));
    let among = |list: &[&str], value: &str| list.iter().any(|known| known.eq_ignore_ascii_case(value));
    let right_to_left = match script {
        Some(script) => among(&RIGHT_TO_LEFT_SCRIPTS, script),
        None => among(&RIGHT_TO_LEFT, language),
    };
    if right_to_left { "rtl" } else { "ltr" }
}

/// The page has an empty icon, so that the browser does not request one: another program may have the port by then.
fn document(language: &str, app_name: Option<&str>, mark: &str, heading: &str, next: &str) -> String {
    let (heading, next) = (escaped(heading), escaped(next));
    let (in_title, above) = match app_name.map(escaped) {
        Some(name) => (format!(" – {name}"), format!("<p><bdi>{name}</bdi></p>")),
        None => <_>::default(),
    };
    let direction = direction(language);
    format!(
        "<!doctype html>\
         <html lang=\"{language}\" dir=\"{direction}\">\
         <meta name=\"viewport\" content=\"width=device-width\">\
         <link rel=\"icon\" href=\"data:,\">\
         <title>{heading}{in_title}</title>\
         <style>{STYLE}</style>\
         <main>{mark}{above}<h1>{heading}</h1><p>{next}</p></main>"
    )
}

/// `text` as the content of an element.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// The index of the tag that fits `Accept-Language` (RFC 9110, section 12.5.4) best, or of the first tag if none fits. A
/// requested language fits a tag if one of them starts with the other: `de-AT` fits `de`, and `pt` fits `pt-BR`.
fn choose(tags: &[&str], accept_language: &str) -> usize {
    let mut wanted: Vec<(f32, &str)> = accept_language.split(',').filter_map(weighted).collect();
    // Stable: of equal weights the first is preferred.
    wanted.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    wanted
        .iter()
        .find_map(|(_, language)| {
            let shorter = (0..tags.len()).filter(|&place| begins_with(language, tags[place]));
            let longer = || (0..tags.len()).find(|&place| begins_with(tags[place], language));
            shorter.max_by_key(|&place| tags[place].len()).or_else(longer)
        })
        .unwrap_or_default()
}

/// A language and its weight. None if the weight is zero ("not acceptable") or not a weight.
fn weighted(item: &str) -> Option<(f32, &str)> {
    let (language, parameter) = item.split_once(';').unwrap_or((item, "q=1"));
    let weight: f32 = parameter.trim().strip_prefix("q=")?.trim().parse().ok()?;
    (weight > 0.0 && weight <= 1.0).then_some((weight, language.trim()))
}

/// Whether `start` is `tag` or its first subtags.
fn begins_with(tag: &str, start: &str) -> bool {
    let mut subtags = tag.split('-');
    start
        .split('-')
        .all(|part| subtags.next().is_some_and(|subtag| subtag.eq_ignore_ascii_case(part)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_browsers_languages_choose_among_the_apps() {
        let tags = ["en", "de", "pt-BR", "zh-Hant", "zh-Hans", "de-CH"];
        for (accept_language, expected) in [
            ("", "en"),
            ("fr-FR,fr;q=0.9", "en"),
            ("de", "de"),
            ("DE-at, en;q=0.5", "de"),
            ("de-CH-1996", "de-CH"),
            ("fr, en;q=0.3, de;q=0.5", "de"),
            ("de;q=0.1, en", "en"),
            ("de;q=0, pt", "pt-BR"),
            ("pt-PT, de;q=0.8", "de"),
            ("zh-TW, zh;q=0.9", "zh-Hant"),
            ("zh-Hans-CN", "zh-Hans"),
            // Not a weight, and not a language of ours.
            ("de;q=NaN, de;q=2, de;q=-1, de;q=inf, de;v=1, de;q=", "en"),
            ("deu, d, -, *, ;q=1, ,,", "en"),
        ] {
            assert_eq!(tags[choose(&tags, accept_language)], expected, "{accept_language}");
        }
    }

    #[test]
    fn a_language_has_a_direction() {
        for (tag, expected) in [
            ("en", "ltr"),
            ("ar", "rtl"),
            ("HE-IL", "rtl"),
            ("fa-AF", "rtl"),
            ("az-Arab", "rtl"),
            ("ur-Latn", "ltr"),
            ("ar-u-nu-latn", "rtl"),
            ("zh-yue-Hant", "ltr"),
        ] {
            assert_eq!(direction(tag), expected, "{tag}");
        }
    }

    #[test]
    fn a_language_tag_has_a_shape() {
        for (tag, fits) in [
            ("de", true),
            ("pt-BR", true),
            ("sl-rozaj-biske-1994", true),
            ("", false),
            ("d", false),
            ("de_DE", false),
            ("de-", false),
            ("1996", false),
            ("de\"><script>", false),
            ("abcdefghi", false),
        ] {
            assert_eq!(is_language_tag(tag), fits, "{tag}");
        }
    }
}
