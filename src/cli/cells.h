#ifndef ENRICH_CLI_CELLS_H_
#define ENRICH_CLI_CELLS_H_

#include <google/protobuf/timestamp.pb.h>
#include <google/protobuf/util/time_util.h>

#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"

// How messages of the API become cells of a table.
namespace enrich::cli {

using Cells = std::vector<std::string>;

// RFC 3339; empty for a time that is not set.
inline std::string TimeText(const google::protobuf::Timestamp& time) {
  if (time.seconds() == 0) return "";
  return google::protobuf::util::TimeUtil::ToString(time);
}

// The name of an enum's value without the prefix all of them have: "parked".
inline std::string ShortName(absl::string_view name, absl::string_view prefix) {
  return absl::AsciiStrToLower(absl::StripPrefix(name, prefix));
}

}  // namespace enrich::cli

#endif  // ENRICH_CLI_CELLS_H_
