//! The errors that Cognito documents for the operations the fake has, with the messages that real clients have seen.

const NOT_AUTHORIZED: &str = "NotAuthorizedException";

/// The enum, the list of all its variants, and the code and message of each.
macro_rules! service_errors {
    ($($(#[$doc:meta])* $name:ident = $code:expr, $message:literal;)*) => {
        /// An error as the service sends it. Where one code has several causes, told apart only by the message, each
        /// cause has a variant.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ServiceError {
            $($(#[$doc])* $name,)*
        }

        impl ServiceError {
            /// Every error, so that a test can drive each once.
            pub const ALL: [Self; [$(stringify!($name)),*].len()] = [$(Self::$name),*];

            /// The service's code, as the member `__type` has it.
            pub fn code(self) -> &'static str {
                match self {
                    $(Self::$name => $code,)*
                }
            }

            /// The service's message.
            pub fn message(self) -> &'static str {
                match self {
                    $(Self::$name => $message,)*
                }
            }
        }
    };
}

service_errors! {
    /// `NotAuthorizedException`: the text sent as an access token is not a token, or is a token of another kind.
    InvalidAccessToken = NOT_AUTHORIZED, "Invalid Access Token";
    /// `NotAuthorizedException`: the access token is past its `exp`.
    AccessTokenExpired = NOT_AUTHORIZED, "Access Token has expired";
    /// `NotAuthorizedException`: the session was signed out or its refresh token revoked.
    AccessTokenRevoked = NOT_AUTHORIZED, "Access Token has been revoked";
    /// `NotAuthorizedException`: the access token lacks the scope `aws.cognito.signin.user.admin`.
    MissingScope = NOT_AUTHORIZED, "Access Token does not have required scopes";
    /// `NotAuthorizedException`: the text sent as a refresh token is not one, or belongs to another client.
    InvalidRefreshToken = NOT_AUTHORIZED, "Invalid Refresh Token";
    /// `NotAuthorizedException`: the refresh token's lifetime is over.
    RefreshTokenExpired = NOT_AUTHORIZED, "Refresh Token has expired";
    /// `NotAuthorizedException`: the refresh token was revoked or its user signed out everywhere.
    RefreshTokenRevoked = NOT_AUTHORIZED, "Refresh Token has been revoked";
    /// `NotAuthorizedException`: the refresh token's user was deleted.
    RefreshTokenUserDeleted = NOT_AUTHORIZED, "The user has been deleted for the associated refresh token";
    /// `NotAuthorizedException`: the password is wrong or the user does not exist; the service does not say which.
    WrongPassword = NOT_AUTHORIZED, "Incorrect username or password.";
    /// `NotAuthorizedException`: the app client has a secret and the request has no `SECRET_HASH`.
    SecretHashMissing = NOT_AUTHORIZED, "Client is configured with secret but SECRET_HASH was not received";
    /// `NotAuthorizedException`: the `SECRET_HASH` is wrong.
    SecretHashWrong = NOT_AUTHORIZED, "Unable to verify secret hash for client";
    /// `RefreshTokenReuseException`: rotation replaced the refresh token, and the grace period is over.
    RefreshTokenReuse = "RefreshTokenReuseException", "Refresh token has been rotated";
    /// `NotAuthorizedException`: an administrator has disabled the user.
    UserDisabled = NOT_AUTHORIZED, "User is disabled.";
    /// `UserNotFoundException`.
    UserNotFound = "UserNotFoundException", "User does not exist.";
    /// `UserNotConfirmedException`.
    UserNotConfirmed = "UserNotConfirmedException", "User is not confirmed.";
    /// `PasswordResetRequiredException`.
    PasswordResetRequired = "PasswordResetRequiredException", "Password reset required for the user";
    /// `ResourceNotFoundException`: the user pool or app client does not exist.
    ResourceNotFound = "ResourceNotFoundException", "User pool client does not exist.";
    /// `InvalidParameterException`.
    InvalidParameter = "InvalidParameterException", "1 validation error detected";
    /// `UnauthorizedException`.
    Unauthorized = "UnauthorizedException", "The request is not authorized";
    /// `UnsupportedOperationException`: the app client's settings do not allow it, for example `RevokeToken` while token
    /// revocation is off.
    UnsupportedOperation = "UnsupportedOperationException", "The operation is not enabled for this client";
    /// `UnsupportedTokenTypeException`: `RevokeToken` takes refresh tokens only.
    UnsupportedTokenType = "UnsupportedTokenTypeException", "Unsupported token type";
    /// `OperationNotEnabledException`: for example a session operation while session tracking is off.
    OperationNotEnabled = "OperationNotEnabledException", "The operation is not enabled for this user pool";
    /// `FeatureUnavailableInTierException`: the user pool's tier is Lite.
    FeatureUnavailableInTier = "FeatureUnavailableInTierException", "This feature is not available in the user pool's tier";
    /// `ConcurrentModificationException`.
    ConcurrentModification = "ConcurrentModificationException", "Concurrent modification of the resource";
    /// `ForbiddenException`: a web application firewall refused the request.
    Forbidden = "ForbiddenException", "Request not allowed due to WAF block.";
    /// `TooManyRequestsException`.
    TooManyRequests = "TooManyRequestsException", "Too many requests";
    /// `LimitExceededException`.
    LimitExceeded = "LimitExceededException", "Attempt limit exceeded, please try after some time.";
    /// `InternalErrorException`, the only one with status 500.
    InternalError = "InternalErrorException", "Internal error";
    /// `MissingAuthenticationTokenException`: an administrators' operation came unsigned.
    MissingAuthenticationToken = "MissingAuthenticationTokenException", "Missing Authentication Token";
    /// `AccessDeniedException`: no IAM policy allows the signer this operation.
    AccessDenied =
        "AccessDeniedException", "User: arn:aws:iam::123456789012:user/x is not authorized to perform this action";
    /// `ExpiredTokenException`: the temporary credentials that signed have expired.
    ExpiredToken = "ExpiredTokenException", "The security token included in the request is expired";
    /// `UnrecognizedClientException`: AWS does not know the access key or the session token.
    UnrecognizedClient = "UnrecognizedClientException", "The security token included in the request is invalid.";
    /// `InvalidSignatureException`: the secret key or the clock is wrong.
    InvalidSignature =
        "InvalidSignatureException",
        "The request signature we calculated does not match the signature you provided.";
    /// `UnknownOperationException`: the operation does not exist, or the fake does not have it.
    UnknownOperation = "UnknownOperationException", "Unknown operation";
    /// `SerializationException`: the body is not a JSON object.
    Serialization = "SerializationException", "Start of structure or map found where not expected.";
}

impl ServiceError {
    /// The HTTP status: 500 for the service's own failure, 400 for everything else.
    pub fn status(self) -> u16 {
        if self == Self::InternalError { 500 } else { 400 }
    }
}
