import dev.cognitosignout.Auth;
import dev.cognitosignout.AuthConfig;
import dev.cognitosignout.JavaAuth;
import dev.cognitosignout.Secret;
import dev.cognitosignout.SignOutOptions;
import dev.cognitosignout.SignOutResult;
import dev.cognitosignout.SignedInWith;
import dev.cognitosignout.Tokens;
import dev.cognitosignout.VaultChoice;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;

/** Runs the guide's code at the fake server and in memory. */
public class Main {
    public static void main(String[] arguments) throws Exception {
        String[] user = Files.readString(Path.of("java/user")).split(" ");
        Tokens tokens = new Tokens(new Secret(user[3]), new Secret(user[4]), new Secret(user[5]));
        onTheFake(user[0], user[1], user[2], tokens, ignored -> {});
    }

    static void onTheFake(String endpoint, String userPoolId, String clientId, Tokens tokens, Consumer<Tokens> request)
            throws Exception {
// THE GUIDE'S CODE ON THE FAKE
    }
}
