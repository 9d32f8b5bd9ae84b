use serde_json::json;

use super::*;

fn page(next_token: Option<&str>) -> Page {
    serde_json::from_value(json!({ "Sessions": [{}], "NextToken": next_token })).unwrap()
}

#[test]
fn a_list_ends_with_the_page_without_a_token() {
    let mut pages = Pages::default();
    assert_eq!(pages.next_token(), None);
    assert_eq!(pages.take(page(Some("1"))), Ok(false));
    assert_eq!(pages.next_token(), Some("1"));
    assert_eq!(pages.take(page(None)), Ok(true));
    assert_eq!(pages.into_sessions().len(), 2);
}

#[test]
fn a_page_without_a_list_is_empty() {
    for empty in [json!({}), json!({ "Sessions": null, "NextToken": null })] {
        let mut pages = Pages::default();
        assert_eq!(pages.take(serde_json::from_value(empty).unwrap()), Ok(true));
        assert_eq!(pages.into_sessions(), []);
    }
}

#[test]
fn a_list_that_repeats_its_token_or_never_ends_is_an_error() {
    let mut pages = Pages::default();
    pages.take(page(Some("1"))).unwrap();
    assert_eq!(
        pages.take(page(Some("1"))).unwrap_err().code(),
        ErrorCode::UnexpectedResponse
    );

    let mut pages = Pages::default();
    let ends = (0..=MOST_PAGES).find_map(|place| pages.take(page(Some(&place.to_string()))).err());
    assert_eq!(ends.unwrap().code(), ErrorCode::UnexpectedResponse);
}

#[test]
fn a_kind_without_a_name_is_told_by_the_id() {
    let kind = |entry| serde_json::from_value::<UserSession>(entry).unwrap().kind;
    assert_eq!(
        kind(json!({ "SessionType": "SSO", "SessionId": "tkn1" })),
        SessionKind::Sso
    );
    assert_eq!(kind(json!({ "SessionId": "tkn1" })), SessionKind::Token);
    assert_eq!(kind(json!({ "SessionId": "sso1" })), SessionKind::Sso);
    assert_eq!(kind(json!({ "SessionId": "ü" })).as_str(), "unknown");
    assert_eq!(kind(json!({})).as_str(), "unknown");
}

#[test]
fn a_number_that_is_no_time_is_left_out() {
    let created = |number: f64| {
        let entry = json!({ "CreateDate": number });
        serde_json::from_value::<UserSession>(entry).unwrap().created
    };
    assert_eq!(created(1.5), Some(UNIX_EPOCH + Duration::from_millis(1_500)));
    assert_eq!(created(-1.0), None);
    assert_eq!(created(1e300), None);
}
