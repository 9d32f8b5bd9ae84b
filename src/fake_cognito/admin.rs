//! The administrator's operations: users listed and signed out, the pool and its app client described and changed.
//!
//! What describes the pool, the client, the domain and the identity providers is JSON as AWS answers it, so that a test can
//! set any member, one that this library does not know included.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::FakeCognito;
use super::operations::{Operation, parse};
use super::pool::{Pool, Settings, User};
use super::service_error::ServiceError;
use super::wire::Request;

/// AWS gives no more at a time, and as many unless told otherwise.
const PAGE: usize = 60;

/// What `UpdateUserPoolClient` leaves alone. Everything else goes back to its default unless it is sent.
const NOT_RESET: [&str; 5] = ["UserPoolId", "ClientId", "ClientSecret", "CreationDate", "ClientName"];

/// What only an administrator sees of the pool.
pub(super) struct Administration {
    /// How often anyone was signed out.
    pub(super) sign_outs: usize,
    groups: BTreeMap<String, BTreeSet<String>>,
    user_pool: Map<String, Value>,
    client: Map<String, Value>,
    domain: Option<Map<String, Value>>,
    identity_providers: BTreeMap<String, Map<String, Value>>,
}

impl Administration {
    pub(super) fn of(settings: &Settings) -> Self {
        let minutes = settings.access_token_lifetime.as_secs() / 60;
        let user_pool = json!({ "Id": settings.user_pool_id, "Name": "pool" });
        let mut client = json!({
            "UserPoolId": settings.user_pool_id,
            "ClientName": "app",
            "ClientId": settings.client_id,
            "LastModifiedDate": 1.7e9,
            "CreationDate": 1.7e9,
            "RefreshTokenValidity": settings.refresh_token_lifetime.as_secs() / (24 * 60 * 60),
            "AccessTokenValidity": minutes,
            "IdTokenValidity": minutes,
            "TokenValidityUnits": { "AccessToken": "minutes", "IdToken": "minutes", "RefreshToken": "days" },
            "ExplicitAuthFlows": ["ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH"],
            "EnableTokenRevocation": settings.token_revocation,
            "AuthSessionValidity": 3,
        });
        if let Some(secret) = &settings.client_secret {
            client["ClientSecret"] = json!(secret.reveal());
        }
        if let Some(grace) = settings.rotation {
            client["RefreshTokenRotation"] =
                json!({ "Feature": "ENABLED", "RetryGracePeriodSeconds": grace.as_secs() });
        }
        Self {
            sign_outs: 0,
            groups: BTreeMap::new(),
            user_pool: object(user_pool),
            client: object(client),
            domain: None,
            identity_providers: BTreeMap::new(),
        }
    }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        _ => Map::new(),
    }
}

/// What an administrator would set up in the console.
impl FakeCognito {
    /// Puts a user into a group; the group begins with its first user.
    pub fn add_to_group(&self, group: &str, username: &str) {
        self.shared.with_pool(|pool| {
            let group = pool.administration.groups.entry(group.to_owned()).or_default();
            group.insert(username.to_owned());
        });
    }

    /// How often `AdminUserGlobalSignOut` has signed the user out.
    pub fn admin_sign_outs(&self, username: &str) -> usize {
        self.shared
            .with_pool(|pool| pool.users.get(username).map_or(0, |user| user.admin_sign_outs))
    }

    /// How often `AdminUserGlobalSignOut` has signed anyone out.
    pub fn admin_sign_outs_in_all(&self) -> usize {
        self.shared.with_pool(|pool| pool.administration.sign_outs)
    }

    /// Whether the user may sign in.
    pub fn is_enabled(&self, username: &str) -> bool {
        self.shared
            .with_pool(|pool| pool.users.get(username).is_some_and(|user| user.enabled))
    }

    /// The app client, as `DescribeUserPoolClient` answers it.
    pub fn client_settings(&self) -> Value {
        self.shared
            .with_pool(|pool| Value::Object(pool.administration.client.clone()))
    }

    /// Sets a member of what `DescribeUserPoolClient` answers; `Null` takes it away. Tokens issued from now on follow
    /// `EnableTokenRevocation` and `AccessTokenValidity`, in its unit.
    pub fn set_client(&self, member: &str, value: Value) {
        self.shared.with_pool(|pool| {
            set(&mut pool.administration.client, member, value);
            pool.follow_client();
        });
    }

    /// Sets a member of what `DescribeUserPool` answers; `Null` takes it away.
    pub fn set_user_pool(&self, member: &str, value: Value) {
        self.shared
            .with_pool(|pool| set(&mut pool.administration.user_pool, member, value));
    }

    /// Gives the pool a prefix domain. `version` is its `ManagedLoginVersion`: 1 for the classic hosted UI, 2 for managed
    /// login.
    pub fn set_domain(&self, prefix: &str, version: u32) {
        self.shared.with_pool(|pool| {
            set(&mut pool.administration.user_pool, "Domain", json!(prefix));
            let domain = json!({ "Domain": prefix, "Status": "ACTIVE", "ManagedLoginVersion": version });
            pool.administration.domain = Some(object(domain));
        });
    }

    /// Adds an identity provider to the pool and to what the app client supports.
    pub fn add_identity_provider(&self, name: &str, kind: &str, details: Value) {
        self.shared.with_pool(|pool| {
            let administration = &mut pool.administration;
            let provider = json!({ "ProviderName": name, "ProviderType": kind, "ProviderDetails": details });
            administration
                .identity_providers
                .insert(name.to_owned(), object(provider));
            let supported = administration
                .client
                .entry("SupportedIdentityProviders")
                .or_insert(json!([]));
            if let Value::Array(names) = supported {
                names.push(json!(name));
            }
        });
    }
}

fn set(object: &mut Map<String, Value>, member: &str, value: Value) {
    if value.is_null() {
        object.remove(member);
    } else {
        object.insert(member.to_owned(), value);
    }
}

/// Carries an administrator's operation out.
pub(super) fn perform(
    pool: &mut Pool,
    operation: Operation,
    request: &Request,
    now: SystemTime,
) -> Result<Value, ServiceError> {
    // Who signed, and whether rightly, is not looked at: there is no account here to hold it against.
    let signed = request
        .header("authorization")
        .is_some_and(|value| value.starts_with("AWS4-HMAC-SHA256 "));
    if !signed && !pool.settings.unsigned_admin {
        return Err(ServiceError::MissingAuthenticationToken);
    }
    let input: Input = parse(request)?;
    match operation {
        Operation::DescribeUserPoolDomain => {
            let domain = pool.administration.domain.clone();
            let asked = |domain: &Map<String, Value>| domain.get("Domain") == Some(&json!(input.domain));
            // No error for a domain that is not there, by AWS's documentation: an empty description.
            return Ok(json!({ "DomainDescription": domain.filter(asked).unwrap_or_default() }));
        }
        _ if input.user_pool_id != pool.settings.user_pool_id => return Err(ServiceError::ResourceNotFound),
        _ => {}
    }
    match operation {
        Operation::AdminDisableUser => pool.disable_user(&input.username).map(|()| json!({})),
        Operation::ListUsers => list_users(pool, &input),
        Operation::ListUsersInGroup => list_users_in_group(pool, &input),
        Operation::DescribeUserPool => {
            let mut description = pool.administration.user_pool.clone();
            description.insert("EstimatedNumberOfUsers".to_owned(), json!(pool.users.len()));
            Ok(json!({ "UserPool": description }))
        }
        Operation::DescribeUserPoolClient => {
            pool.check_client(&input.client_id)?;
            Ok(json!({ "UserPoolClient": pool.administration.client }))
        }
        Operation::UpdateUserPoolClient => {
            pool.check_client(&input.client_id)?;
            update_client(pool, parse(request)?, now);
            Ok(json!({ "UserPoolClient": pool.administration.client }))
        }
        Operation::DescribeIdentityProvider => {
            let provider = pool.administration.identity_providers.get(&input.provider_name);
            let provider = provider.ok_or(ServiceError::ResourceNotFound)?;
            Ok(json!({ "IdentityProvider": provider }))
        }
        // `AdminUserGlobalSignOut`; the user's own operations do not come here.
        _ => pool.admin_user_global_sign_out(&input.username).map(|()| json!({})),
    }
}

/// All that any of them takes, but for the client's settings.
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

/// As AWS does it: what is not sent goes back to its default, which here is to be absent.
fn update_client(pool: &mut Pool, sent: Map<String, Value>, now: SystemTime) {
    let client = &mut pool.administration.client;
    client.retain(|member, _| NOT_RESET.contains(&member.as_str()));
    client.extend(sent);
    let modified = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    client.insert("LastModifiedDate".to_owned(), json!(modified));
    pool.follow_client();
}

impl Pool {
    /// The tokens to come are as the client's settings say.
    fn follow_client(&mut self) {
        let client = &self.administration.client;
        self.settings.token_revocation = client.get("EnableTokenRevocation") != Some(&json!(false));
        let units = client.get("TokenValidityUnits");
        let unit = match units.and_then(|units| units["AccessToken"].as_str()) {
            Some("seconds") => 1,
            Some("minutes") => 60,
            Some("days") => 24 * 60 * 60,
            _ => 60 * 60,
        };
        let validity = client.get("AccessTokenValidity").and_then(Value::as_u64).unwrap_or(1);
        self.settings.access_token_lifetime = Duration::from_secs(validity * unit);
    }
}
