// Has Amplify Android's own classes read each item of the dumps and write it again, into the same files. Amplify writes its store by
// the same calls (`AWSCognitoAuthCredentialStore`). README.md has the command.

import com.amplifyframework.statemachine.codegen.data.AmplifyCredential;
import com.amplifyframework.statemachine.codegen.data.DeviceMetadata;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import kotlinx.serialization.KSerializer;
import kotlinx.serialization.json.Json;
import kotlinx.serialization.json.JsonElement;
import kotlinx.serialization.json.JsonElementKt;
import kotlinx.serialization.json.JsonKt;
import kotlinx.serialization.json.JsonObject;
import kotlinx.serialization.json.JsonPrimitive;

class RewriteAmplifyAndroid {
    public static void main(String[] files) throws Exception {
        Json pretty = JsonKt.Json(Json.Default, builder -> {
            builder.setPrettyPrint(true);
            builder.setPrettyPrintIndent("  ");
            return kotlin.Unit.INSTANCE;
        });
        for (String file : files) {
            Path path = Path.of(file);
            LinkedHashMap<String, JsonElement> items = new LinkedHashMap<>();
            ((JsonObject) Json.Default.parseToJsonElement(Files.readString(path))).forEach((name, value) -> {
                String text = ((JsonPrimitive) value).getContent();
                boolean device = name.endsWith(".deviceMetadata");
                String again = device ? again(DeviceMetadata.Companion.serializer(), text)
                    : again(AmplifyCredential.Companion.serializer(), text);
                items.put(name, JsonElementKt.JsonPrimitive(again));
            });
            Files.writeString(path, pretty.encodeToString(JsonObject.Companion.serializer(), new JsonObject(items)) + "\n");
        }
    }

    private static <T> String again(KSerializer<T> form, String text) {
        return Json.Default.encodeToString(form, Json.Default.decodeFromString(form, text));
    }
}
