"""The peers: what an integrator would otherwise use to turn a depth frame into a 20 cm map."""

from __future__ import annotations

import numpy as np
import octomap
from numpy.typing import NDArray

from edge.geometry import CELL_M, Intrinsics
from edge.messages import CameraModel, DepthFrame

Points = NDArray[np.float64]


class PointMaker:
    """Store points of a camera's frames, for peers that want points."""

    def __init__(self, camera: CameraModel) -> None:
        assert camera.pose is not None
        matrix = camera.pose.matrix
        self._directions = camera.intrinsics.rays() @ matrix[:3, :3].T * camera.depth_unit_m
        self.origin: Points = matrix[:3, 3].copy()

    def points(self, frame: DepthFrame) -> Points:
        """Points (n, 3) of the pixels with a return, store metres."""
        seen = frame.depth > 0
        return self._directions[seen] * frame.depth[seen][:, None] + self.origin


class OctoMapPeer:
    """OctoMap's octree at 20 cm, with its own sensor model and clamping."""

    def __init__(self, camera: CameraModel, max_range_m: float, *, discretize: bool = False) -> None:
        self._make = PointMaker(camera)
        self._max_range_m = max_range_m
        self._discretize = discretize
        self.tree = octomap.OcTree(CELL_M)

    def prepare(self, frame: DepthFrame) -> Points:
        """What insertion needs; its time is a gift to the peer."""
        return np.ascontiguousarray(self._make.points(frame))

    def insert(self, points: Points) -> None:
        """Add one frame's evidence."""
        self.tree.insertPointCloud(points, self._make.origin, maxrange=self._max_range_m, discretize=self._discretize)

    def cells(self, centres: Points) -> NDArray[np.int32]:
        """Per centre (n, 3): 1 occupied, 0 free, -1 unknown."""
        return np.asarray(self.tree.getLabels(np.ascontiguousarray(centres)), dtype=np.int32)


class Open3DPeer:
    """Open3D's point cloud from a depth image, moved into the store, and its voxel grid at 20 cm."""

    def __init__(self, camera: CameraModel, max_range_m: float) -> None:
        import open3d  # heavy, and only the speed benchmark needs it

        assert camera.pose is not None
        self._o3d = open3d
        lens: Intrinsics = camera.intrinsics
        self._intrinsic = open3d.camera.PinholeCameraIntrinsic(
            lens.width, lens.height, lens.fx, lens.fy, lens.cx, lens.cy
        )
        self._camera_from_store = np.linalg.inv(camera.pose.matrix)
        self._scale = 1.0 / camera.depth_unit_m
        self._max_range_m = max_range_m

    def step(self, frame: DepthFrame) -> int:
        """Depth image to voxel grid; returns how many voxels."""
        cloud = self._o3d.geometry.PointCloud.create_from_depth_image(
            self._o3d.geometry.Image(frame.depth),
            self._intrinsic,
            self._camera_from_store,
            depth_scale=self._scale,
            depth_trunc=self._max_range_m,
        )
        grid = self._o3d.geometry.VoxelGrid.create_from_point_cloud(cloud, CELL_M)
        return len(grid.get_voxels())
