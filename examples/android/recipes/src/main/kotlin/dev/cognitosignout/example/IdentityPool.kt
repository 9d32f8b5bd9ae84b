package dev.cognitosignout.example

import aws.sdk.kotlin.services.cognitoidentity.CognitoIdentityClient
import aws.sdk.kotlin.services.cognitoidentity.getCredentialsForIdentity
import aws.sdk.kotlin.services.cognitoidentity.getId
import aws.smithy.kotlin.runtime.auth.awscredentials.Credentials
import aws.smithy.kotlin.runtime.auth.awscredentials.CredentialsProvider
import aws.smithy.kotlin.runtime.collections.Attributes
import dev.cognitosignout.Auth

/**
 * AWS credentials of the signed-in user, for the clients of the AWS SDK for Kotlin. Make a new one for each session.
 * docs/moving/android.md has this code: `tests/readme.rs` compares them.
 */
class IdentityPool(private val auth: Auth, private val userPoolId: String, private val identityPoolId: String) : CredentialsProvider {
    override suspend fun resolve(attributes: Attributes): Credentials {
        val provider = "cognito-idp.${userPoolId.substringBefore('_')}.amazonaws.com/$userPoolId"
        val user = mapOf(provider to auth.tokens().idToken.reveal())
        return CognitoIdentityClient { region = identityPoolId.substringBefore(':') }.use { client ->
            // The adopted one, so that the user keeps what is stored under it.
            val id = auth.identity()?.identityId
                ?: client.getId { identityPoolId = this@IdentityPool.identityPoolId; logins = user }.identityId
            val found = client.getCredentialsForIdentity { identityId = id; logins = user }.credentials!!
            Credentials(found.accessKeyId!!, found.secretKey!!, found.sessionToken, found.expiration)
        }
    }
}
