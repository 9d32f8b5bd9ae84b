//! The closing page in a real browser, and its pictures in the guide.
//!
//! `UPDATE_SCREENSHOTS=1 cargo test --test browser closing_page` takes the pictures again.

use std::path::Path;

use cognito_signout::{ErrorCode, SignOutResult};

use crate::app::App;
use crate::chromium::{APP_NAME, Chromium};
use crate::pages::Pages;
use crate::{YES, assert_complete, local};

/// The contrast of heading and mark with the background (WCAG 2.2, "contrast ratio"), and the background.
const CONTRAST: &str = "
    const light = color => {
        const [red, green, blue] = color.match(/[\\d.]+/g).map(text => {
            const value = text / 255;
            return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const background = getComputedStyle(document.body).backgroundColor;
    const contrast = color => {
        const [dark, bright] = [light(color), light(background)].sort((one, other) => one - other);
        return (bright + 0.05) / (dark + 0.05);
    };
    const style = name => getComputedStyle(document.querySelector(name));
    return [contrast(style('h1').color), contrast(style('svg').stroke), background];";

/// Checks the current page in light and dark, and that the guide has a picture of each: pictures are not compared, since
/// fonts differ from machine to machine.
async fn check_look(chromium: &Chromium, name: &str) {
    let mut backgrounds = Vec::new();
    for scheme in ["light", "dark"] {
        chromium.prefers(scheme).await;
        let contrast = chromium.run(CONTRAST).await;
        let (text, mark) = (contrast[0].as_f64().unwrap(), contrast[1].as_f64().unwrap());
        assert!(text >= 4.5 && mark >= 3.0, "{scheme}: {text}, {mark}");
        backgrounds.push(contrast[2].clone());

        let picture = chromium.picture().await;
        let file = format!("docs/images/closing-page-{name}-{scheme}.png");
        let path = Path::new(&file);
        if std::env::var_os("UPDATE_SCREENSHOTS").is_some() {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, &picture).unwrap();
        }
        let kept = std::fs::read(path).unwrap_or_else(|error| panic!("{file}: {error}; run with UPDATE_SCREENSHOTS=1"));
        assert_eq!(size(&kept), size(&picture), "{file}");
    }
    assert_ne!(backgrounds[0], backgrounds[1]);
}

/// Width and height of a PNG: its signature, then the length and name of the header chunk, then these.
fn size(png: &[u8]) -> [u32; 2] {
    assert_eq!(&png[..8], b"\x89PNG\r\n\x1a\n");
    [16, 20].map(|at| u32::from_be_bytes(png[at..at + 4].try_into().unwrap()))
}

#[tokio::test]
async fn the_closing_pages_can_be_read_in_light_and_dark_and_the_guide_has_pictures_of_them() {
    let app = App::at(Pages::that_ask().await).await.signed_in().await;
    let came_back_with_an_error = format!("{}?error=server_error", app.pages.sign_out_uri);
    let (result, ()) = tokio::join!(app.sign_out(local()), async {
        app.chromium.element(YES).await;
        app.chromium.open(&came_back_with_an_error.parse().unwrap()).await;
    });
    let SignOutResult::Failed(failed) = &result else {
        panic!("{result:?}");
    };
    assert_eq!(failed.error.code(), ErrorCode::HostedUiFailed);
    app.assert_page(&[
        APP_NAME,
        "The sign-out did not finish",
        "You may still be signed in. Return to Ledger and sign out again.",
    ])
    .await;
    check_look(&app.chromium, "not-signed-out").await;

    let (result, ()) = tokio::join!(app.sign_out(local()), app.chromium.click(YES));
    assert_complete(&result);
    app.assert_closing_page().await;
    check_look(&app.chromium, "signed-out").await;

    let facts = "const page = performance.getEntriesByType('navigation')[0];
        return [document.title, document.documentElement.lang, document.documentElement.dir,
            document.querySelectorAll('main h1').length, page.transferSize <= 2048 && page.encodedBodySize > 0,
            performance.getEntriesByType('resource').length]";
    let facts = app.chromium.run(facts).await;
    let expected = serde_json::json!(["You are signed out – Ledger", "en", "ltr", 1, true, 0]);
    assert_eq!(facts, expected);
    app.chromium.quit().await;
}

#[tokio::test]
async fn the_closing_page_is_in_the_language_of_the_browsers_user() {
    let chromium = Chromium::start_in("fr,de-AT,en").await;
    let app = App::in_browser(chromium, Pages::of_the_fake().await, |hosted_ui| hosted_ui).await;
    let app = app.signed_in().await;
    assert_complete(&app.sign_out(local()).await);
    app.assert_page(&[
        APP_NAME,
        "Sie sind abgemeldet",
        "Sie können dieses Fenster schließen und zu Ledger zurückkehren.",
    ])
    .await;
    app.chromium.quit().await;
}
