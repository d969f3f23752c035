package dev.tollgate.provider.dialect.gemini;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tollgate.provider.chat.ChatRequest;
import dev.tollgate.provider.dialect.Samples;
import dev.tollgate.provider.dialect.anthropic.AnthropicWire;
import dev.tollgate.provider.dialect.openai.OpenAiChatWire;
import dev.tollgate.provider.wire.BadPayload;
import dev.tollgate.provider.wire.Json;
import dev.tollgate.provider.wire.Wire;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GeminiMediaTest {
    private static final Wire CHAT = new OpenAiChatWire(InstantSource.system());

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            https://a.org/a.webp?x=1           | | "fileUri": "https://a.org/a.webp?x=1", "mimeType": "image/webp"
            https://a.org/a.JPG                | | "fileUri": "https://a.org/a.JPG", "mimeType": "image/jpeg"
            https://a.org/picture              | | "fileUri": "https://a.org/picture", "mimeType": "image/jpeg"
            https://a.org/picture              | image/png | "fileUri": "https://a.org/picture", "mimeType": "image/png"
            https://a.org/a.jpg                | image/png | "fileUri": "https://a.org/a.jpg", "mimeType": "image/png"
            https://generativelanguage.googleapis.com/v1beta/files/a1 | | "fileUri": "https://generativelanguage.googleapis.com/v1beta/files/a1"
            """)
    void aPictureByLinkIsFetchedByGoogle(String link, String format, String expected) {
        String said = format == null ? "" : ", \"format\": \"" + format + "\"";
        assertThat(part("{\"type\": \"image_url\", \"image_url\": {\"url\": \"" + link + "\"" + said + "}}"))
                .isEqualTo(Json.read("{\"fileData\": {" + expected + "}}"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            "file_id": "https://a.org/a.pdf"                                 | "fileUri": "https://a.org/a.pdf", "mimeType": "application/pdf"
            "file_id": "https://a.org/a.mp4", "format": "video/webm"         | "fileUri": "https://a.org/a.mp4", "mimeType": "video/webm"
            "file_id": "https://a.org/a.mp4", "format": "video"              | "fileUri": "https://a.org/a.mp4", "mimeType": "video/mp4"
            "file_id": "https://a.org/download?id=1", "filename": "notes.md" | "fileUri": "https://a.org/download?id=1", "mimeType": "text/plain"
            "file_id": "https://a.org/clip.mov#t=3"                          | "fileUri": "https://a.org/clip.mov#t=3", "mimeType": "video/quicktime"
            "file_id": "https://www.youtube.com/watch?v=a1"                  | "fileUri": "https://www.youtube.com/watch?v=a1"
            "file_id": "https://www.youtube.com/watch?v=a1", "filename": "a.pdf" | "fileUri": "https://www.youtube.com/watch?v=a1"
            "file_id": "files/a1", "filename": "a.pdf"                       | "fileUri": "https://generativelanguage.googleapis.com/v1beta/files/a1"
            "file_id": "https://youtu.be/a1", "format": "video/mp4"          | "fileUri": "https://youtu.be/a1", "mimeType": "video/mp4"
            "file_id": "files/a1"                                            | "fileUri": "https://generativelanguage.googleapis.com/v1beta/files/a1"
            "file_id": "files/a1", "format": "audio/wav"                     | "fileUri": "https://generativelanguage.googleapis.com/v1beta/files/a1", "mimeType": "audio/wav"
            """)
    void aFileByLinkOrFromGooglesStoreIsNamedWithItsType(String file, String expected) {
        assertThat(part("{\"type\": \"file\", \"file\": {" + file + "}}"))
                .isEqualTo(Json.read("{\"fileData\": {" + expected + "}}"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            "file_data": "data:application/pdf;base64,QUJD"                                   | application/pdf
            "file_data": "data:application/pdf;base64,QUJD", "format": "text/plain"           | text/plain
            "file_data": "data:application/octet-stream;base64,QUJD", "filename": "clip.webm" | video/webm
            "file_data": "data:;base64,QUJD", "filename": "a.unknown"                         | application/pdf
            "file_data": "QUJD", "format": "video/mp4"                                        | video/mp4
            "file_data": "QUJD", "filename": "talk.mp3"                                       | audio/mp3
            "file_data": "QUJD"                                                               | application/pdf
            """)
    void aFileInTheRequestKeepsItsType(String file, String type) {
        assertThat(part("{\"type\": \"file\", \"file\": {" + file + "}}"))
                .isEqualTo(Json.read("{\"inlineData\": {\"mimeType\": \"" + type + "\", \"data\": \"QUJD\"}}"));
    }

    @Test
    void onlyAPieceOfAVideoMayBeLookedAt() {
        assertThat(part("""
                {"type": "file", "file": {"file_id": "https://youtu.be/a1",
                  "video_metadata": {"fps": 5, "start_offset": "10s", "end_offset": "60s", "other": 1}}}
                """)).isEqualTo(Json.read("""
                {"fileData": {"fileUri": "https://youtu.be/a1"},
                 "videoMetadata": {"fps": 5, "startOffset": "10s", "endOffset": "60s"}}
                """));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"type": "file", "file": {"file_id": "gs://bucket/a.pdf"}}                         | https link
            {"type": "image_url", "image_url": {"url": "gs://bucket/a.png"}}                   | https link
            {"type": "file", "file": {"file_id": "file-abc123"}}                               | file-abc123
            {"type": "file", "file": {"file_id": "https://a.org/download?id=1"}}               | `format`
            {"type": "file", "file": {"filename": "a.pdf"}}                                    | neither file_data nor file_id
            {"type": "image_url", "image_url": {"url": "data:image/png,abc"}}                  | base64 data: URL
            {"type": "image_url", "image_url": {"url": "ftp://a.org/a.png"}}                   | https link
            {"type": "image_url", "image_url": {"url": "https://a.org/film.mp4"}}              | `file`
            {"type": "image_url", "image_url": {"url": "https://a.org/a", "format": "application/pdf"}} | `file`
            {"type": "image_url", "image_url": {"url": "https://youtu.be/a1"}}                 | `file`
            {"type": "file", "file": {"file_data": "https://a.org/a.pdf"}}                     | a link is a file_id
            {"type": "input_audio", "input_audio": {"format": "wav"}}                          | sound without data
            """)
    void whatGeminiCannotReadIsRefusedWithWhatToDo(String part, String advice) {
        assertThatThrownBy(() -> part(part)).isInstanceOf(BadPayload.class).hasMessageContaining(advice);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            "format": "wav", "data": "UklGRg=="                        | audio/wav
            "format": "MP3", "data": "UklGRg=="                        | audio/mp3
            "format": "audio/ogg", "data": "UklGRg=="                  | audio/ogg
            "data": "data:audio/flac;base64,UklGRg=="                  | audio/flac
            "format": "wav", "data": "data:audio/x;base64,UklGRg=="    | audio/wav
            """)
    void soundIsSentWithItsType(String audio, String type) {
        assertThat(part("{\"type\": \"input_audio\", \"input_audio\": {" + audio + "}}"))
                .isEqualTo(Json.read("{\"inlineData\": {\"mimeType\": \"" + type + "\", \"data\": \"UklGRg==\"}}"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            "type": "url", "url": "https://a.org/report"                        | | https://a.org/report | application/pdf
            "type": "url", "url": "https://a.org/report"                        | notes.md | https://a.org/report | text/plain
            "type": "url", "url": "https://a.org/report.txt"                    | a.csv | https://a.org/report.txt | text/plain
            "type": "url", "url": "https://a.org/a.png"                         | | https://a.org/a.png | image/png
            "type": "url", "url": "https://youtu.be/a1"                         | | https://youtu.be/a1 |
            "type": "url", "url": "https://generativelanguage.googleapis.com/v1beta/files/x" | a.pdf | https://generativelanguage.googleapis.com/v1beta/files/x |
            "type": "file", "file_id": "https://generativelanguage.googleapis.com/v1beta/files/x" | | https://generativelanguage.googleapis.com/v1beta/files/x |
            "type": "file", "file_id": "files/x"                                | a.pdf | https://generativelanguage.googleapis.com/v1beta/files/x |
            """)
    void documentsOfAnthropicsApiByLinkArePdfs(String source, String title, String link, String type) {
        String titled = title == null ? "" : ", \"title\": \"" + title + "\"";
        String typed = type == null ? "" : ", \"mimeType\": \"" + type + "\"";
        assertThat(part(new AnthropicWire(), "{\"type\": \"document\", \"source\": {" + source + "}" + titled + "}"))
                .isEqualTo(Json.read("{\"fileData\": {\"fileUri\": \"" + link + "\"" + typed + "}}"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"type": "document", "source": {"type": "file", "file_id": "file_011C"}}           | file_011C
            {"type": "image", "source": {"type": "url", "url": "https://a.org/a.pdf"}}         | a `document` in Anthropic's API
            """)
    void clientsOfAnthropicsApiAreToldWhatToSendInstead(String block, String advice) {
        assertThatThrownBy(() -> part(new AnthropicWire(), block))
                .isInstanceOf(BadPayload.class)
                .hasMessageContaining(advice);
    }

    private static JsonNode part(String part) {
        return part(CHAT, part);
    }

    private static JsonNode part(Wire wire, String part) {
        ChatRequest request =
                wire.read(Samples.json("{\"messages\": [{\"role\": \"user\", \"content\": [" + part + "]}]}"));
        JsonNode parts = GeminiContents.write(request.messages(), false).at("/contents/0/parts");
        assertThat(parts).hasSize(1);
        return parts.get(0);
    }
}
