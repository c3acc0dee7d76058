// A short list of buffers, oldest first; bounded in number and bytes.
#include "output_memory.h"

#include <deque>
#include <mutex>
#include <utility>

namespace convcore::python {

namespace {

constexpr std::size_t worth_keeping = 64 << 10;
constexpr std::size_t most_bytes = std::size_t{256} << 20;
constexpr std::size_t most_buffers = 16;

struct Kept {
  std::mutex mutex;
  std::deque<Buffer> buffers;
  std::size_t bytes = 0;
};

// Never destroyed: arrays may outlive the module.
Kept& kept() {
  static auto* made = new Kept();
  return *made;
}

}  // namespace

Buffer take_output_memory(std::size_t bytes) {
  if (bytes >= worth_keeping) {
    Kept& all = kept();
    const std::lock_guard lock(all.mutex);
    for (auto one = all.buffers.rbegin(); one != all.buffers.rend(); ++one) {
      if (one->bytes() != bytes) continue;
      Buffer found = std::move(*one);
      all.buffers.erase(std::next(one).base());
      all.bytes -= bytes;
      return found;
    }
  }
  return Buffer(bytes, Buffer::Fill::nothing);
}

void give_back_output_memory(Buffer buffer) {
  const std::size_t bytes = buffer.bytes();
  if (bytes < worth_keeping || bytes > most_bytes) return;
  Kept& all = kept();
  const std::lock_guard lock(all.mutex);
  all.buffers.push_back(std::move(buffer));
  all.bytes += bytes;
  while (all.bytes > most_bytes || all.buffers.size() > most_buffers) {
    all.bytes -= all.buffers.front().bytes();
    all.buffers.pop_front();
  }
}

}  // namespace convcore::python
