import dev.cognitosignout.Auth
import dev.cognitosignout.AuthConfig
import dev.cognitosignout.Secret
import dev.cognitosignout.SignOutOptions
import dev.cognitosignout.SignOutResult
import dev.cognitosignout.SignedInWith
import dev.cognitosignout.Tokens
import dev.cognitosignout.VaultChoice
import kotlinx.coroutines.runBlocking
import java.io.File

/** Runs the guide's code at the fake server and in memory. */
fun main() = runBlocking {
    val (endpoint, userPoolId, clientId, access, id, refresh) = File("kotlin/user").readText().split(" ")
    val tokens = Tokens(Secret(access), Secret(id), Secret(refresh))
    onTheFake(endpoint, userPoolId, clientId, tokens) {}
}

private operator fun <T> List<T>.component6() = get(5)

suspend fun onTheFake(
    endpoint: String,
    userPoolId: String,
    clientId: String,
    tokens: Tokens,
    request: suspend (Tokens) -> Unit,
) {
// THE GUIDE'S CODE ON THE FAKE
}
