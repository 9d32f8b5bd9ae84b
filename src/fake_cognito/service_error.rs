//! The errors that Cognito documents for the operations the fake knows, with the messages seen in the field.

/// An error as the service answers it. One code can have several causes, told apart by the message only: then each
/// cause has a variant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ServiceError {
    /// `NotAuthorizedException`: what was given as an access token is none, or is one of another kind.
    InvalidAccessToken,
    /// `NotAuthorizedException`: the access token is past its `exp`.
    AccessTokenExpired,
    /// `NotAuthorizedException`: the session was signed out or its refresh token revoked.
    AccessTokenRevoked,
    /// `NotAuthorizedException`: the access token lacks the scope `aws.cognito.signin.user.admin`.
    MissingScope,
    /// `NotAuthorizedException`: what was given as a refresh token is none, or another client's.
    InvalidRefreshToken,
    /// `NotAuthorizedException`: the refresh token has outlived its lifetime.
    RefreshTokenExpired,
    /// `NotAuthorizedException`: the refresh token was revoked or its user signed out everywhere.
    RefreshTokenRevoked,
    /// `NotAuthorizedException`: the refresh token's user is no more.
    RefreshTokenUserDeleted,
    /// `NotAuthorizedException`: the password is wrong or there is no such user; which of them is not said.
    WrongPassword,
    /// `NotAuthorizedException`: the app client has a secret and no `SECRET_HASH` came.
    SecretHashMissing,
    /// `NotAuthorizedException`: the `SECRET_HASH` is wrong.
    SecretHashWrong,
    /// `RefreshTokenReuseException`: rotation replaced the refresh token, and the grace period is over.
    RefreshTokenReuse,
    /// `NotAuthorizedException`: an administrator has disabled the user.
    UserDisabled,
    /// `UserNotFoundException`.
    UserNotFound,
    /// `UserNotConfirmedException`.
    UserNotConfirmed,
    /// `PasswordResetRequiredException`.
    PasswordResetRequired,
    /// `ResourceNotFoundException`: no such user pool or app client.
    ResourceNotFound,
    /// `InvalidParameterException`.
    InvalidParameter,
    /// `UnauthorizedException`.
    Unauthorized,
    /// `UnsupportedOperationException`: the app client's settings do not allow it, as `RevokeToken` while token
    /// revocation is off.
    UnsupportedOperation,
    /// `UnsupportedTokenTypeException`: `RevokeToken` takes refresh tokens only.
    UnsupportedTokenType,
    /// `OperationNotEnabledException`.
    OperationNotEnabled,
    /// `ForbiddenException`: a web application firewall said no.
    Forbidden,
    /// `TooManyRequestsException`.
    TooManyRequests,
    /// `LimitExceededException`.
    LimitExceeded,
    /// `InternalErrorException`, the one with status 500.
    InternalError,
    /// `MissingAuthenticationTokenException`: an operation for administrators came unsigned.
    MissingAuthenticationToken,
    /// `AccessDeniedException`: no IAM policy allows the operation to the one who signed.
    AccessDenied,
    /// `ExpiredTokenException`: the temporary credentials that signed are over.
    ExpiredToken,
    /// `UnrecognizedClientException`: AWS does not know the access key or the session token.
    UnrecognizedClient,
    /// `InvalidSignatureException`: the secret key or the clock is wrong.
    InvalidSignature,
    /// `UnknownOperationException`: no such operation, or one that the fake does not have.
    UnknownOperation,
    /// `SerializationException`: the body is no JSON object.
    Serialization,
}

impl ServiceError {
    /// Every error, so that a test can drive each once.
    pub const ALL: [Self; 33] = [
        Self::InvalidAccessToken,
        Self::AccessTokenExpired,
        Self::AccessTokenRevoked,
        Self::MissingScope,
        Self::InvalidRefreshToken,
        Self::RefreshTokenExpired,
        Self::RefreshTokenRevoked,
        Self::RefreshTokenUserDeleted,
        Self::WrongPassword,
        Self::SecretHashMissing,
        Self::SecretHashWrong,
        Self::RefreshTokenReuse,
        Self::UserDisabled,
        Self::UserNotFound,
        Self::UserNotConfirmed,
        Self::PasswordResetRequired,
        Self::ResourceNotFound,
        Self::InvalidParameter,
        Self::Unauthorized,
        Self::UnsupportedOperation,
        Self::UnsupportedTokenType,
        Self::OperationNotEnabled,
        Self::Forbidden,
        Self::TooManyRequests,
        Self::LimitExceeded,
        Self::InternalError,
        Self::MissingAuthenticationToken,
        Self::AccessDenied,
        Self::ExpiredToken,
        Self::UnrecognizedClient,
        Self::InvalidSignature,
        Self::UnknownOperation,
        Self::Serialization,
    ];

    /// The service's code, as it stands in `__type`.
    pub fn code(self) -> &'static str {
        self.words().0
    }

    /// The service's message.
    pub fn message(self) -> &'static str {
        self.words().1
    }

    /// The HTTP status: 400 for all but the service's own failure.
    pub fn status(self) -> u16 {
        if self == Self::InternalError { 500 } else { 400 }
    }

    fn words(self) -> (&'static str, &'static str) {
        const NOT_AUTHORIZED: &str = "NotAuthorizedException";
        match self {
            Self::InvalidAccessToken => (NOT_AUTHORIZED, "Invalid Access Token"),
            Self::AccessTokenExpired => (NOT_AUTHORIZED, "Access Token has expired"),
            Self::AccessTokenRevoked => (NOT_AUTHORIZED, "Access Token has been revoked"),
            Self::MissingScope => (NOT_AUTHORIZED, "Access Token does not have required scopes"),
            Self::InvalidRefreshToken => (NOT_AUTHORIZED, "Invalid Refresh Token"),
            Self::RefreshTokenExpired => (NOT_AUTHORIZED, "Refresh Token has expired"),
            Self::RefreshTokenRevoked => (NOT_AUTHORIZED, "Refresh Token has been revoked"),
            Self::RefreshTokenUserDeleted => (
                NOT_AUTHORIZED,
                "The user has been deleted for the associated refresh token",
            ),
            Self::WrongPassword => (NOT_AUTHORIZED, "Incorrect username or password."),
            Self::SecretHashMissing => (
                NOT_AUTHORIZED,
                "Client is configured with secret but SECRET_HASH was not received",
            ),
            Self::SecretHashWrong => (NOT_AUTHORIZED, "Unable to verify secret hash for client"),
            Self::RefreshTokenReuse => ("RefreshTokenReuseException", "Refresh token has been rotated"),
            Self::UserDisabled => (NOT_AUTHORIZED, "User is disabled."),
            Self::UserNotFound => ("UserNotFoundException", "User does not exist."),
            Self::UserNotConfirmed => ("UserNotConfirmedException", "User is not confirmed."),
            Self::PasswordResetRequired => ("PasswordResetRequiredException", "Password reset required for the user"),
            Self::ResourceNotFound => ("ResourceNotFoundException", "User pool client does not exist."),
            Self::InvalidParameter => ("InvalidParameterException", "1 validation error detected"),
            Self::Unauthorized => ("UnauthorizedException", "The request is not authorized"),
            Self::UnsupportedOperation => (
                "UnsupportedOperationException",
                "The operation is not enabled for this client",
            ),
            Self::UnsupportedTokenType => ("UnsupportedTokenTypeException", "Unsupported token type"),
            Self::OperationNotEnabled => (
                "OperationNotEnabledException",
                "The operation is not enabled for this user pool",
            ),
            Self::Forbidden => ("ForbiddenException", "Request not allowed due to WAF block."),
            Self::TooManyRequests => ("TooManyRequestsException", "Too many requests"),
            Self::LimitExceeded => (
                "LimitExceededException",
                "Attempt limit exceeded, please try after some time.",
            ),
            Self::InternalError => ("InternalErrorException", "Internal error"),
            Self::MissingAuthenticationToken => ("MissingAuthenticationTokenException", "Missing Authentication Token"),
            Self::AccessDenied => (
                "AccessDeniedException",
                "User: arn:aws:iam::123456789012:user/x is not authorized to perform this action",
            ),
            Self::ExpiredToken => (
                "ExpiredTokenException",
                "The security token included in the request is expired",
            ),
            Self::UnrecognizedClient => (
                "UnrecognizedClientException",
                "The security token included in the request is invalid.",
            ),
            Self::InvalidSignature => (
                "InvalidSignatureException",
                "The request signature we calculated does not match the signature you provided.",
            ),
            Self::UnknownOperation => ("UnknownOperationException", "Unknown operation"),
            Self::Serialization => (
                "SerializationException",
                "Start of structure or map found where not expected.",
            ),
        }
    }
}
