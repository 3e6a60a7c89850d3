#ifndef ENRICH_ADAPTERS_REST_JOB_IDS_H_
#define ENRICH_ADAPTERS_REST_JOB_IDS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "provider/adapter.h"

// What the engine keeps of a job for us: its id, and where reading goes on.
namespace enrich::rest {

// Whether the id that a provider gave can be kept and sent.
bool IsUsableId(absl::string_view id);

// The job of one contact, of a provider that gives each contact its own.
struct ItemJob {
  enum class State {
    kGiven,
    // The provider will not look this contact up.
    kRefused,
    // It was taken, but under which id is not known.
    kUnnamed
  };
  // SubmitItem.key.
  std::string key = {};
  std::string id = {};
  State state = State::kGiven;
  // In the order sent.
  int position = 0;
};

// All of a submission's, as one `provider_job_id`:
//
//   <start>;<rest>:<id>,<rest>:<id>,...
//
// `start` and `rest` make up the key; id is "!" for kRefused and empty for
// kUnnamed. All parts are percent-encoded.
std::string WriteItemJobs(const std::vector<ItemJob>& jobs);
// Nothing for a text that was not written by WriteItemJobs.
std::optional<std::vector<ItemJob>> ReadItemJobs(absl::string_view text);

// Where the next fetch of a job goes on.
struct Cursor {
  // Of ItemJobs with an id, the one that is read; 0 for other jobs.
  int job = 0;
  // Whether a contact was still open at a place before this.
  bool open = false;
  // Whether the job has ended, and how: its results are read by `then`.
  std::optional<JobPhase> ended = {};
  // Elements, and contacts that are settled, on the pages of this job before.
  int elements = 0;
  int settled = 0;
  // The provider's own cursor as JSON; empty on the first page.
  std::string page = {};
};

// JobAnswer.cursor; never empty.
std::string WriteCursor(const Cursor& cursor);
// The beginning for an empty text, and for one that WriteCursor did not write.
Cursor ReadCursor(absl::string_view text);

}  // namespace enrich::rest

#endif  // ENRICH_ADAPTERS_REST_JOB_IDS_H_
