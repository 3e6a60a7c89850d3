#ifndef ENRICH_BASE_LOG_H_
#define ENRICH_BASE_LOG_H_

#include <cstdint>
#include <initializer_list>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

// One line, one event, as JSON on standard error. A line carries ids, numbers
// and durations; never a contact's data, a body, a header or a URL.
namespace enrich::log {

// kOff is for SetLevel: nothing is written.
enum class Level { kDebug, kInfo, kWarning, kError, kOff };

// One key and its value.
struct Field {
  Field(absl::string_view key, absl::string_view value)
      : key(key), value(value) {}
  Field(absl::string_view key, const char* value) : key(key), value(value) {}
  Field(absl::string_view key, const std::string& value)
      : key(key), value(value) {}
  Field(absl::string_view key, int64_t number)
      : key(key), value(absl::StrCat(number)), quoted(false) {}
  Field(absl::string_view key, int number)
      : Field(key, static_cast<int64_t>(number)) {}
  Field(absl::string_view key, size_t number)
      : Field(key, static_cast<int64_t>(number)) {}
  Field(absl::string_view key, absl::Duration duration)
      : key(key), value(absl::FormatDuration(duration)) {}
  Field(absl::string_view key, const absl::Status& status)
      : key(key), value(status.ToString()) {}

  absl::string_view key;
  std::string value;
  bool quoted = true;
};

void SetLevel(Level level);

void Write(Level level, absl::string_view event,
           std::initializer_list<Field> fields);

inline void Debug(absl::string_view event,
                  std::initializer_list<Field> fields = {}) {
  Write(Level::kDebug, event, fields);
}
inline void Info(absl::string_view event,
                 std::initializer_list<Field> fields = {}) {
  Write(Level::kInfo, event, fields);
}
inline void Warning(absl::string_view event,
                    std::initializer_list<Field> fields = {}) {
  Write(Level::kWarning, event, fields);
}
inline void Error(absl::string_view event,
                  std::initializer_list<Field> fields = {}) {
  Write(Level::kError, event, fields);
}

}  // namespace enrich::log

#endif  // ENRICH_BASE_LOG_H_
