//! Where user names come from: the pool's own list, a group, or lines of text. Each is a stream that fetches the next names
//! only when they are needed.

use std::collections::VecDeque;

use futures_util::stream::{self, Stream};
use serde::Deserialize;
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt};

use super::client::Pool;
use super::patience::Patience;
use super::responses::RequestError;
use super::{AdminClient, AdminError};
use crate::{ErrorCode, StepError};

/// The most users that `ListUsers` and `ListUsersInGroup` return at a time.
const PAGE: i32 = 60;

/// Longer than any user name, and any line of a file of failures.
const LONGEST_LINE: u64 = 4096;

type Page = (VecDeque<String>, Option<String>);

impl AdminClient {
    /// The user names of a pool, as `ListUsers` returns them: all, or those that match a filter in Cognito's own syntax, such
    /// as `email ^= "ana"` or `status = "Disabled"`. Needs `cognito-idp:ListUsers`. A user created meanwhile may be
    /// missing.
    ///
    /// The stream ends at the first error. A page that fails is requested again first: four attempts in all, or twenty
    /// while Cognito throttles, with pauses of up to half a minute. After the first page an unavailable network is waited for
    /// as long as [`patience`](super::AdminClientBuilder::patience) says.
    ///
    /// # Errors
    /// As [`global_sign_out`](Self::global_sign_out); [`AdminError::FilterRefused`].
    pub fn list_users(
        &self,
        user_pool_id: &str,
        filter: Option<&str>,
    ) -> impl Stream<Item = Result<String, AdminError>> + Send + use<> {
        let filter = filter.map(str::to_owned);
        paged(self.pool(user_pool_id), move |pool, token| {
            let filter = filter.clone();
            async move {
                let request = pool.sdk.list_users().user_pool_id(&pool.id).limit(PAGE);
                // One attribute is enough: addresses and the like are not sent needlessly.
                let request = request.attributes_to_get("sub").set_filter(filter);
                let response = request.set_pagination_token(token).send().await;
                let response = response.map_err(RequestError::from)?;
                let users = response.users.unwrap_or_default();
                Ok((usernames(users), response.pagination_token))
            }
        })
    }

    /// The user names of a group, as `ListUsersInGroup` returns them. Needs `cognito-idp:ListUsersInGroup`.
    ///
    /// # Errors
    /// As [`list_users`](Self::list_users); [`AdminError::GroupNotFound`].
    pub fn list_users_in_group(
        &self,
        user_pool_id: &str,
        group: &str,
    ) -> impl Stream<Item = Result<String, AdminError>> + Send + use<> {
        let group = group.to_owned();
        paged(self.pool(user_pool_id), move |pool, token| {
            let group = group.clone();
            async move {
                let request = pool.sdk.list_users_in_group().user_pool_id(&pool.id);
                let request = request.group_name(group).limit(PAGE).set_next_token(token);
                let response = request.send().await.map_err(RequestError::from)?;
                let users = response.users.unwrap_or_default();
                Ok((usernames(users), response.next_token))
            }
        })
    }
}

fn usernames(users: Vec<aws_sdk_cognitoidentityprovider::types::UserType>) -> VecDeque<String> {
    users.into_iter().filter_map(|user| user.username).collect()
}

struct Listing {
    pool: Pool,
    names: VecDeque<String>,
    next: Next,
}

/// What to fetch when the names are used up.
enum Next {
    /// The page at this token, or the first.
    Page(Option<String>),
    Nothing,
}

/// Fetches one page at a time, and none before it is needed.
fn paged<F, Fut>(
    pool: Result<Pool, AdminError>,
    fetch: F,
) -> impl Stream<Item = Result<String, AdminError>> + Send + use<F, Fut>
where
    F: Fn(Pool, Option<String>) -> Fut + Send + Sync + Clone + 'static,
    Fut: Future<Output = Result<Page, AdminError>> + Send,
{
    let listing = pool.map(|pool| Listing {
        pool,
        names: VecDeque::new(),
        next: Next::Page(None),
    });
    stream::try_unfold(listing, move |listing| {
        let fetch = fetch.clone();
        async move {
            let mut listing = listing?;
            loop {
                if let Some(name) = listing.names.pop_front() {
                    return Ok(Some((name, Ok(listing))));
                }
                // With a filter, a page can be empty without being the last.
                let Next::Page(token) = listing.next else {
                    return Ok(None);
                };
                // After a first response an outage is waited out. Before that, the endpoint may be wrong.
                let patience = match token {
                    Some(_) => Patience::long().with_network(listing.pool.patience),
                    None => Patience::long(),
                };
                let request = || fetch(listing.pool.clone(), token.clone());
                let (names, next) = patience.send(request).await?;
                if next.is_some() && next == token {
                    let message = "a page of the list of users names itself as the next page: the list would never end";
                    let error = StepError::new(ErrorCode::UnexpectedResponse, message);
                    return Err(AdminError::Service(error));
                }
                listing.names = names;
                listing.next = next.map_or(Next::Nothing, |token| Next::Page(Some(token)));
            }
        }
    })
}

/// The user names in a text, one on each line: plain, or as the member `username` (or `Username`, as AWS spells it) of a JSON
/// object, the format of a file of failures. Skips blank lines, a byte order mark, and the line `{"complete":true}`.
///
/// A line `{"complete":false}` says that the list is incomplete: the stream then ends with [`AdminError::ListNotWhole`], after
/// the last name.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use futures_util::TryStreamExt;
/// use cognito_signout::admin::usernames_in_lines;
///
/// let text = "ana\n{\"username\":\"bob\",\"code\":\"throttled\"}\n";
/// let names: Vec<String> = usernames_in_lines(text.as_bytes()).try_collect().await?;
/// assert_eq!(names, ["ana", "bob"]);
/// # Ok::<(), cognito_signout::admin::AdminError>(())
/// # }).unwrap();
/// ```
///
/// # Errors
/// [`AdminError::InvalidInput`], with the line's number, at the first line that is too long, is not UTF-8, or is no user name,
/// such as a line with several columns; the stream ends there. [`AdminError::ListNotWhole`] at the end.
pub fn usernames_in_lines<R>(text: R) -> impl Stream<Item = Result<String, AdminError>> + Send
where
    R: AsyncBufRead + Unpin + Send,
{
    let lines = Lines {
        text,
        number: 0,
        whole: true,
    };
    stream::try_unfold(lines, |mut lines| async move {
        while let Some(line) = lines.next().await? {
            match lines.read(&line)? {
                Line::Name(name) => return Ok(Some((name, lines))),
                Line::Whole(whole) => lines.whole &= whole,
            }
        }
        if lines.whole {
            Ok(None)
        } else {
            Err(AdminError::ListNotWhole)
        }
    })
}

struct Lines<R> {
    text: R,
    /// The number of the last line read; the first is 1.
    number: u64,
    /// False once a line says that the list is incomplete.
    whole: bool,
}

enum Line {
    Name(String),
    /// Whether the list is complete, as it says itself.
    Whole(bool),
}

impl<R: AsyncBufRead + Unpin> Lines<R> {
    /// The next line that is not blank.
    async fn next(&mut self) -> Result<Option<String>, AdminError> {
        loop {
            self.number += 1;
            let mut line = Vec::new();
            let read = (&mut self.text).take(LONGEST_LINE).read_until(b'\n', &mut line).await;
            if read.map_err(|error| self.wrong(&error.kind().to_string()))? == 0 {
                return Ok(None);
            }
            if line.len() as u64 == LONGEST_LINE && !line.ends_with(b"\n") {
                return Err(self.wrong("it is too long"));
            }
            let line = String::from_utf8(line).map_err(|_| self.wrong("it is not UTF-8"))?;
            let line = line.trim_start_matches('\u{feff}').trim();
            if !line.is_empty() {
                return Ok(Some(line.to_owned()));
            }
        }
    }

    fn read(&self, line: &str) -> Result<Line, AdminError> {
        if !line.starts_with('{') {
            if line.contains('\t') {
                return Err(self.wrong("it contains a tab, which a user name cannot: write one name on each line"));
            }
            return Ok(Line::Name(line.to_owned()));
        }
        let object: Object =
            serde_json::from_str(line).map_err(|_| self.wrong("it is not an object with a username"))?;
        match object {
            Object {
                username: Some(name), ..
            } => Ok(Line::Name(name)),
            Object {
                complete: Some(complete),
                ..
            } => Ok(Line::Whole(complete)),
            _ => Err(self.wrong("it is not an object with a username")),
        }
    }

    fn wrong(&self, why: &str) -> AdminError {
        AdminError::InvalidInput(format!("line {} of the user names: {why}", self.number))
    }
}

#[derive(Deserialize)]
struct Object {
    #[serde(alias = "Username")]
    username: Option<String>,
    complete: Option<bool>,
}

#[cfg(test)]
mod tests {
    use futures_util::{StreamExt, TryStreamExt};

    use super::*;

    async fn names(text: &[u8]) -> Result<Vec<String>, AdminError> {
        usernames_in_lines(text).try_collect().await
    }

    #[tokio::test]
    async fn lines_are_plain_names_or_failures_and_may_end_as_on_windows() {
        let text = b"ana\r\n\n  bob \n{\"username\":\"c{y\",\"code\":\"throttled\"}\nlast";
        assert_eq!(names(text).await.unwrap(), ["ana", "bob", "c{y", "last"]);
        assert!(names(b"").await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn a_byte_order_mark_is_skipped_and_awss_own_spelling_is_read() {
        let text = "\u{feff}ana\n{\"Username\":\"bob\",\"Enabled\":true}\n";
        assert_eq!(names(text.as_bytes()).await.unwrap(), ["ana", "bob"]);
    }

    #[tokio::test]
    async fn an_incomplete_list_is_an_error_after_its_last_name() {
        let whole = b"{\"complete\":true }\nana\n";
        assert_eq!(names(whole).await.unwrap(), ["ana"]);
        for lacking in [&b"{\"complete\":false}\nana\n"[..], b"ana\n{\"complete\":false}"] {
            let items: Vec<_> = usernames_in_lines(lacking).collect().await;
            assert_eq!(items, [Ok("ana".to_owned()), Err(AdminError::ListNotWhole)]);
        }
    }

    #[tokio::test]
    async fn a_line_that_cannot_be_a_name_ends_the_stream_with_an_error_that_names_the_line() {
        let long = [b"ana\n".to_vec(), vec![b'x'; 5000]].concat();
        for text in [
            &long[..],
            b"ana\n\xff\nbob",
            b"ana\n{\"user\":1}\nbob",
            b"ana\nbob\tcy",
            b"ana\n{}",
        ] {
            let items: Vec<_> = usernames_in_lines(text).collect().await;
            assert_eq!(items.len(), 2);
            assert_eq!(items[0], Ok("ana".to_owned()));
            let error = items[1].clone().unwrap_err();
            assert!(error.to_string().starts_with("line 2 of the user names:"), "{error}");
        }
    }
}
