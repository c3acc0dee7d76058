// latency MODEL REPEATS THREADS: the median time of one 28x28 prediction. Prints "first" after the first one, then the
// median in microseconds and the resident memory in bytes.
#include <convcore/convcore.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  convcore::set_num_threads(std::atoi(argv[3]));
  const auto model = convcore::Model::load(argv[1]);
  const std::vector<float> image(28 * 28, 0.5f);
  std::vector<float> scores(10);
  const convcore::TensorView in(image.data(), {1, 28, 28, 1});
  const convcore::MutableTensorView out(scores.data(), {1, 10});
  const auto predict = [&] { model.predict(std::span(&in, 1), std::span(&out, 1)); };
  predict();
  std::puts("first");
  std::fflush(stdout);
  using Clock = std::chrono::steady_clock;
  std::vector<double> times;
  for (int i = std::atoi(argv[2]); i > 0; --i) {
    const Clock::time_point begin = Clock::now();
    predict();
    times.push_back(std::chrono::duration<double, std::micro>(Clock::now() - begin).count());
  }
  std::nth_element(times.begin(), times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2), times.end());
  long size = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> size >> resident;
  std::printf("%.3f %ld\n", times[times.size() / 2], resident * sysconf(_SC_PAGESIZE));
}
