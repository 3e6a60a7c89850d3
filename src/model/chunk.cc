#include "model/chunk.h"

namespace enrich {

absl::string_view ChunkStateName(ChunkState state) {
  switch (state) {
    case ChunkState::kPlanned:
      return "planned";
    case ChunkState::kSending:
      return "sending";
    case ChunkState::kAccepted:
      return "accepted";
    case ChunkState::kUnknown:
      return "unknown";
    case ChunkState::kParked:
      return "parked";
    case ChunkState::kDone:
      return "done";
    case ChunkState::kFailed:
      return "failed";
  }
  return "";
}

}  // namespace enrich
