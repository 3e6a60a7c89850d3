#include "base/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>

#include "absl/time/clock.h"
#include "base/json.h"
#include "base/text.h"

namespace enrich::log {
namespace {

spdlog::level::level_enum ToSpdlog(Level level) {
  switch (level) {
    case Level::kDebug:
      return spdlog::level::debug;
    case Level::kInfo:
      return spdlog::level::info;
    case Level::kWarning:
      return spdlog::level::warn;
    case Level::kError:
      return spdlog::level::err;
    case Level::kOff:
      return spdlog::level::off;
  }
  return spdlog::level::err;
}

absl::string_view LevelName(Level level) {
  switch (level) {
    case Level::kDebug:
      return "debug";
    case Level::kInfo:
      return "info";
    case Level::kWarning:
      return "warning";
    case Level::kError:
    case Level::kOff:
      return "error";
  }
  return "error";
}

// Never destroyed: static destructors may log.
spdlog::logger& Logger() {
  static spdlog::logger* const logger = [] {
    auto* made = new spdlog::logger(
        "enrich", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_pattern("%v");
    made->set_level(spdlog::level::info);
    return made;
  }();
  return *logger;
}

// Bytes that a peer sent may end up in a status: the line stays JSON.
std::string ToUtf8(absl::string_view text) {
  std::string clean(text);
  if (IsValidUtf8(text)) return clean;
  for (char& c : clean) {
    if (static_cast<unsigned char>(c) >= 0x80) c = '?';
  }
  return clean;
}

std::string FormatLine(Level level, absl::string_view event,
                       std::initializer_list<Field> fields) {
  json::Writer line;
  line.StartObject();
  line.Member("time", absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", absl::Now(),
                                       absl::UTCTimeZone()));
  line.Member("level", LevelName(level));
  line.Member("event", ToUtf8(event));
  for (const Field& field : fields) {
    line.Key(ToUtf8(field.key));
    if (field.quoted) {
      line.String(ToUtf8(field.value));
    } else {
      line.Raw(field.value);
    }
  }
  line.EndObject();
  return line.Take();
}

}  // namespace

void SetLevel(Level level) { Logger().set_level(ToSpdlog(level)); }

void Write(Level level, absl::string_view event,
           std::initializer_list<Field> fields) {
  spdlog::logger& logger = Logger();
  if (!logger.should_log(ToSpdlog(level))) return;
  const std::string line = FormatLine(level, event, fields);
  logger.log(ToSpdlog(level), spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace enrich::log
