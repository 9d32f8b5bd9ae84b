//! Where user names come from: the pool's own list, a group, or lines of text. Each is a stream that asks for more only
//! when more is wanted.

use std::collections::VecDeque;

use futures_util::stream::{self, Stream};
use serde::Deserialize;
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt};
use tokio::time::sleep;

use super::client::Pool;
use super::patience::Patience;
use super::{AdminClient, AdminError};

/// The most that `ListUsers` and `ListUsersInGroup` give at a time.
const PAGE: i32 = 60;

/// Longer than any user name, or any failure that was printed.
const LONGEST_LINE: u64 = 4096;

type Page = (VecDeque<String>, Option<String>);

impl AdminClient {
    /// The user names of a pool, as `ListUsers` gives them: all, or those that a filter of its own language finds, as
    /// `email ^= "ana"` or `status = "Disabled"`. Needs `cognito-idp:ListUsers`. A user who is created meanwhile may be
    /// missing.
    ///
    /// The stream ends at the first error. A page that could not be had is asked for again first: four times in all, or twenty
    /// where Cognito throttles, with pauses of up to half a minute.
    ///
    /// # Errors
    /// As [`global_sign_out`](Self::global_sign_out); a filter that Cognito cannot read is
    /// [`AdminError::Service`] with the code `refused`.
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
                // Of the attributes one is enough: nobody's address travels for nothing.
                let request = request.attributes_to_get("sub").set_filter(filter);
                let answer = request.set_pagination_token(token).send().await;
                let answer = answer.map_err(|error| AdminError::from_sdk(&error))?;
                let users = answer.users.unwrap_or_default();
                Ok((usernames(users), answer.pagination_token))
            }
        })
    }

    /// The user names of a group, as `ListUsersInGroup` gives them. Needs `cognito-idp:ListUsersInGroup`.
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
                let answer = request.send().await;
                let answer = answer.map_err(|error| AdminError::from_sdk(&error))?;
                let users = answer.users.unwrap_or_default();
                Ok((usernames(users), answer.next_token))
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

/// What is to be asked for when the names are used up.
enum Next {
    /// The page at this token, or the first.
    Page(Option<String>),
    Nothing,
}

/// One page at a time, none before it is needed.
fn paged<F, Fut>(
    pool: Result<Pool, AdminError>,
    fetch: F,
) -> impl Stream<Item = Result<String, AdminError>> + Send + use<F, Fut>
where
    F: Fn(Pool, Option<String>) -> Fut + Send + Sync + Clone + 'static,
    Fut: Future<Output = Result<Page, AdminError>> + Send,
{
    let listing = pool.map(|pool| Listing {
        pool: pool.without_retries(),
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
                // A filter may leave a page empty that is not the last.
                let Next::Page(token) = listing.next else {
                    return Ok(None);
                };
                let mut patience = Patience::default();
                let (names, token) = loop {
                    match fetch(listing.pool.clone(), token.clone()).await {
                        Ok(page) => break page,
                        Err(error) => sleep(patience.after(&error).ok_or(error)?).await,
                    }
                };
                listing.names = names;
                listing.next = token.map_or(Next::Nothing, |token| Next::Page(Some(token)));
            }
        }
    })
}

/// The user names in a text, one on each line: plain, or as the member `username` of a JSON object, which is how failures
/// are printed. Blank lines are passed over.
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
/// [`AdminError::InvalidInput`], with the line's number, at the first that is too long, not UTF-8, or cannot be read; the
/// stream ends there.
pub fn usernames_in_lines<R>(text: R) -> impl Stream<Item = Result<String, AdminError>> + Send
where
    R: AsyncBufRead + Unpin + Send,
{
    stream::try_unfold((text, 0_u64), |(mut text, mut number)| async move {
        loop {
            number += 1;
            let wrong = |why: &str| AdminError::InvalidInput(format!("line {number} of the user names: {why}"));
            let mut line = Vec::new();
            let read = (&mut text).take(LONGEST_LINE).read_until(b'\n', &mut line).await;
            if read.map_err(|error| wrong(&error.kind().to_string()))? == 0 {
                return Ok(None);
            }
            if line.len() as u64 == LONGEST_LINE && !line.ends_with(b"\n") {
                return Err(wrong("it is too long"));
            }
            let line = std::str::from_utf8(&line).map_err(|_| wrong("it is not UTF-8"))?.trim();
            if line.is_empty() {
                continue;
            }
            let name = if line.starts_with('{') {
                let failure: Failure =
                    serde_json::from_str(line).map_err(|_| wrong("it is no object with a username"))?;
                failure.username
            } else {
                line.to_owned()
            };
            return Ok(Some((name, (text, number))));
        }
    })
}

#[derive(Deserialize)]
struct Failure {
    username: String,
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
    async fn a_line_that_cannot_be_a_name_says_its_number_and_ends_the_stream() {
        let long = [b"ana\n".to_vec(), vec![b'x'; 5000]].concat();
        for text in [&long[..], b"ana\n\xff\nbob", b"ana\n{\"user\":1}\nbob"] {
            let items: Vec<_> = usernames_in_lines(text).collect().await;
            assert_eq!(items.len(), 2);
            assert_eq!(items[0], Ok("ana".to_owned()));
            let error = items[1].clone().unwrap_err();
            assert!(error.to_string().starts_with("line 2 of the user names:"), "{error}");
        }
    }
}
