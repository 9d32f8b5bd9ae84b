import dev.cognitosignout.Auth;
import dev.cognitosignout.AuthConfig;
import dev.cognitosignout.JavaAuth;
import dev.cognitosignout.SignOutOptions;
import dev.cognitosignout.SignOutResult;
import dev.cognitosignout.SignedInWith;
import dev.cognitosignout.Tokens;
import java.util.function.Consumer;

/** It must compile. It is not run: it signs out at AWS. */
class AsWritten {
    static void asWritten(String userPoolId, String clientId, Tokens tokens, Consumer<Tokens> request) throws Exception {
// THE GUIDE'S CODE
    }
}
