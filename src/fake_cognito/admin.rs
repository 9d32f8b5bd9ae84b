//! The administrators' operations: list users and sign them out, describe and change the pool and its app client.

use std::ops::Bound;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::operation::{Operation, parse};
use super::pool::{Pool, User};
use super::service_error::ServiceError;
use super::session_management;
use super::sessions::Associated;
use super::wire::Request;

/// The page size of AWS: the default and the maximum.
const PAGE: usize = 60;

/// `UpdateUserPoolClient` keeps these. It resets everything else that is not sent to its default.
const NOT_RESET: [&str; 5] = ["UserPoolId", "ClientId", "ClientSecret", "CreationDate", "ClientName"];

/// Carries out an administrator's operation.
pub(super) fn perform(
    pool: &mut Pool,
    operation: Operation,
    request: &Request,
    now: SystemTime,
) -> Result<Value, ServiceError> {
    // The signature is not verified: the fake knows no AWS accounts.
    let signed = request
        .header("authorization")
        .is_some_and(|value| value.starts_with("AWS4-HMAC-SHA256 "));
    if !signed && !pool.settings.unsigned_admin {
        return Err(ServiceError::MissingAuthenticationToken);
    }
    let input: Input = parse(request)?;
    if operation == Operation::DescribeUserPoolDomain {
        // AWS documents no error for an unknown domain: the description is empty.
        let domain = pool.administration.domain.clone();
        let is_named = |domain: &Map<String, Value>| domain.get("Domain") == Some(&json!(input.domain));
        return Ok(json!({ "DomainDescription": domain.filter(is_named).unwrap_or_default() }));
    }
    if input.user_pool_id != pool.settings.user_pool_id {
        return Err(ServiceError::ResourceNotFound);
    }
    match operation {
        Operation::AdminUserGlobalSignOut => pool.admin_user_global_sign_out(&input.username).map(|()| json!({})),
        Operation::AdminListUserSessions => {
            let user = pool.named(&input.username)?;
            session_management::list_of(pool, &user, input.next_token.as_deref(), now)
        }
        Operation::AdminRevokeUserSession => {
            let user = pool.named(&input.username)?;
            let associated = input.revoke_associated_sessions;
            session_management::revoke_of(pool, &user, &input.session_id, associated, now).map(|()| json!({}))
        }
        Operation::GetUserPoolSessionConfiguration => Ok(session_management::pool_configuration(pool)),
        Operation::SetUserPoolSessionConfiguration => {
            session_management::set_pool_configuration(pool, parse(request)?)?;
            Ok(session_management::pool_configuration(pool))
        }
        Operation::GetUserPoolClientSessionConfiguration => {
            pool.settings.check_client(&input.client_id)?;
            Ok(session_management::client_configuration(pool))
        }
        Operation::SetUserPoolClientSessionConfiguration => {
            pool.settings.check_client(&input.client_id)?;
            session_management::set_client_configuration(pool, parse(request)?)?;
            Ok(session_management::client_configuration(pool))
        }
        Operation::AdminDisableUser => pool.disable_user(&input.username).map(|()| json!({})),
        Operation::ListUsers => list_users(pool, &input),
        Operation::ListUsersInGroup => list_users_in_group(pool, &input),
        Operation::DescribeUserPool => {
            let mut description = pool.administration.user_pool.clone();
            description.insert("EstimatedNumberOfUsers".to_owned(), json!(pool.users.len()));
            Ok(json!({ "UserPool": description }))
        }
        Operation::DescribeUserPoolClient => {
            pool.settings.check_client(&input.client_id)?;
            Ok(json!({ "UserPoolClient": pool.administration.client }))
        }
        Operation::UpdateUserPoolClient => {
            pool.settings.check_client(&input.client_id)?;
            update_client(pool, parse(request)?, now);
            Ok(json!({ "UserPoolClient": pool.administration.client }))
        }
        Operation::DescribeIdentityProvider => {
            let provider = pool.administration.identity_providers.get(&input.provider_name);
            let provider = provider.ok_or(ServiceError::ResourceNotFound)?;
            Ok(json!({ "IdentityProvider": provider }))
        }
        _ => Err(ServiceError::UnknownOperation),
    }
}

/// The members of all these inputs, except the settings that `UpdateUserPoolClient` takes.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Input {
    user_pool_id: String,
    username: String,
    client_id: String,
    group_name: String,
    domain: String,
    provider_name: String,
    limit: Option<usize>,
    filter: Option<String>,
    pagination_token: Option<String>,
    next_token: Option<String>,
    session_id: String,
    revoke_associated_sessions: Associated,
}

fn list_users(pool: &Pool, input: &Input) -> Result<Value, ServiceError> {
    let filter = input.filter.as_deref().map(Filter::parse).transpose()?;
    let finds = |name: &str, user: &User| filter.as_ref().is_none_or(|filter| filter.finds(name, user));
    let after = input
        .pagination_token
        .as_deref()
        .map_or(Bound::Unbounded, Bound::Excluded);
    let found = pool.users.range::<str, _>((after, Bound::Unbounded));
    let found = found.filter(|(name, user)| finds(name, user));
    Ok(page(found, input.limit, "PaginationToken"))
}

fn list_users_in_group(pool: &Pool, input: &Input) -> Result<Value, ServiceError> {
    let group = pool.administration.groups.get(&input.group_name);
    let group = group.ok_or(ServiceError::ResourceNotFound)?;
    let after = input.next_token.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
    let members = group.range::<str, _>((after, Bound::Unbounded));
    let members = members.filter_map(|name| pool.users.get_key_value(name));
    Ok(page(members, input.limit, "NextToken"))
}

/// The next users, and the last one's name for a token if there are more.
fn page<'p>(users: impl Iterator<Item = (&'p String, &'p User)>, limit: Option<usize>, token: &str) -> Value {
    let limit = limit.unwrap_or(PAGE).min(PAGE);
    let mut users = users.peekable();
    let mut listed = Vec::new();
    while listed.len() < limit
        && let Some((name, user)) = users.next()
    {
        listed.push(json!({
            "Username": name,
            "Attributes": [{ "Name": "sub", "Value": user.sub }],
            "Enabled": user.enabled,
            "UserStatus": "CONFIRMED",
        }));
    }
    let last = listed.last().map(|user| user["Username"].clone());
    let mut page = json!({ "Users": listed });
    if let (Some(last), Some(_)) = (last, users.peek()) {
        page[token] = last;
    }
    page
}

/// `attribute = "value"` or `attribute ^= "start"`.
struct Filter {
    attribute: Attribute,
    value: String,
    is_start: bool,
}

enum Attribute {
    Username,
    Sub,
    Status,
    UserStatus,
}

impl Filter {
    fn parse(text: &str) -> Result<Self, ServiceError> {
        let (attribute, value) = text.split_once('=').ok_or(ServiceError::InvalidParameter)?;
        let (attribute, is_start) = match attribute.trim_end().strip_suffix('^') {
            Some(attribute) => (attribute, true),
            None => (attribute, false),
        };
        let value = value.trim().strip_prefix('"').and_then(|value| value.strip_suffix('"'));
        Ok(Self {
            attribute: match attribute.trim().trim_matches('"') {
                "username" => Attribute::Username,
                "sub" => Attribute::Sub,
                "status" => Attribute::Status,
                "cognito:user_status" => Attribute::UserStatus,
                _ => return Err(ServiceError::InvalidParameter),
            },
            value: value.ok_or(ServiceError::InvalidParameter)?.to_owned(),
            is_start,
        })
    }

    fn finds(&self, name: &str, user: &User) -> bool {
        let found = match self.attribute {
            Attribute::Username => name,
            Attribute::Sub => &user.sub,
            Attribute::Status if user.enabled => "Enabled",
            Attribute::Status => "Disabled",
            Attribute::UserStatus => "CONFIRMED",
        };
        if self.is_start {
            found.starts_with(&self.value)
        } else {
            found == self.value
        }
    }
}

/// A setting that is not sent goes back to its default. Here the default is that the member is absent.
fn update_client(pool: &mut Pool, sent: Map<String, Value>, now: SystemTime) {
    let modified = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    pool.change_client(|client| {
        client.retain(|member, _| NOT_RESET.contains(&member.as_str()));
        client.extend(sent);
        client.insert("LastModifiedDate".to_owned(), json!(modified));
    });
}
