package dev.tollgate.launcher;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import org.slf4j.LoggerFactory;

/** Sets logging up in code: reading an XML file would cost a tenth of the start. One line an event, or JSON when asked. */
final class Logs {
    /** The launcher's own logger. */
    static final org.slf4j.Logger LOG = LoggerFactory.getLogger("tollgate");

    private Logs() {}

    static void start(boolean debug) {
        configure(false, debug);
    }

    /** For verbs whose answer is all that should be seen; errors go to the other stream. */
    static void errorsOnly() {
        configure(false, false);
        if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
            Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
            root.iteratorForAppenders().forEachRemaining(appender -> {
                if (appender instanceof ConsoleAppender<?> console) {
                    console.setTarget("System.err");
                    console.start();
                }
            });
            context.getLoggerList().forEach(logger -> logger.setLevel(Level.ERROR));
        }
    }

    static void configure(boolean json, boolean debug) {
        if (!(LoggerFactory.getILoggerFactory() instanceof LoggerContext context)) {
            return;
        }
        context.reset();
        Encoder<ILoggingEvent> encoder = json ? json(context) : lines(context);
        ConsoleAppender<ILoggingEvent> console = new ConsoleAppender<>();
        console.setContext(context);
        console.setEncoder(encoder);
        console.start();
        Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.WARN);
        root.addAppender(console);
        // Warns at each start that a part of Hazelcast is off that we do not use.
        context.getLogger("com.hazelcast.cp").setLevel(Level.ERROR);
        context.getLogger("tollgate").setLevel(debug ? Level.DEBUG : Level.INFO);
        context.getLogger("dev.tollgate").setLevel(debug ? Level.DEBUG : Level.INFO);
    }

    /** Control characters would let a client's text look like lines of ours. */
    private static Encoder<ILoggingEvent> lines(LoggerContext context) {
        PatternLayoutEncoder encoder = new PatternLayoutEncoder();
        encoder.setContext(context);
        encoder.setPattern(
                "%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX} %-5level %logger{0} - %replace(%msg){'[\\p{Cntrl}]', '?'}%n%ex");
        encoder.start();
        return encoder;
    }

    private static Encoder<ILoggingEvent> json(LoggerContext context) {
        JsonEncoder encoder = new JsonEncoder();
        encoder.setContext(context);
        encoder.setWithFormattedMessage(true);
        encoder.setWithMessage(false);
        encoder.setWithArguments(false);
        encoder.setWithContext(false);
        encoder.setWithSequenceNumber(false);
        encoder.setWithNanoseconds(false);
        encoder.start();
        return encoder;
    }
}
