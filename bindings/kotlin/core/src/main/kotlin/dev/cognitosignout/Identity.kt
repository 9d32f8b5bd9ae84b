package dev.cognitosignout

/**
 * An identity of an identity pool. It is kept beside the session and removed with it.
 *
 * @property identityId the identity ID, for example `eu-central-1:1234…`.
 * @property credentials the AWS credentials, if there are any.
 */
public class Identity @JvmOverloads constructor(
    public val identityId: String,
    public val credentials: AwsCredentials? = null,
) {
    override fun toString(): String = "Identity(identityId=$identityId, credentials=$credentials)"
}

/**
 * Temporary AWS credentials of an identity pool.
 *
 * @property accessKeyId the access key ID.
 * @property secretAccessKey the secret access key.
 * @property sessionToken the session token.
 * @property expiresMillis when they expire, in milliseconds since 1970.
 */
public class AwsCredentials(
    public val accessKeyId: String,
    public val secretAccessKey: Secret,
    public val sessionToken: Secret,
    public val expiresMillis: Long,
) {
    override fun toString(): String = "AwsCredentials(<redacted>)"
}
